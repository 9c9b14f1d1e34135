/** How deep JSON may be nested: Python's protobuf reads no deeper than 33 objects, with the messages around them. */
export const jsonLevelsMax = 30;
