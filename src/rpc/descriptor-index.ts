import {
  type DescExtension,
  type DescFile,
  type DescMessage,
  type DescService,
  toBinary,
} from "@bufbuild/protobuf";
import { nestedTypes } from "@bufbuild/protobuf/reflect";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";

export interface IndexedFile {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly dependencies: readonly string[];
}

/** Every file that services need, findable by what it holds. Built when first asked: a start does not wait for it. */
export class DescriptorIndex {
  readonly services: { readonly name: string }[];
  readonly #roots: readonly DescFile[];
  readonly #files = new Map<string, IndexedFile>();
  readonly #symbols = new Map<string, string>();
  readonly #extensions = new Map<string, Map<number, string>>();
  #built = false;

  /** `also`: files no service imports and callers still meet, in the details of errors. */
  constructor(services: readonly DescService[], also: readonly DescFile[]) {
    this.services = services.map(({ typeName }) => ({ name: typeName }));
    this.#roots = [...services.map(({ file }) => file), ...also];
  }

  file(name: string): IndexedFile | undefined {
    this.#build();
    return this.#files.get(name);
  }

  /** The file that declares a type, service, method, field or extension, by its full name. */
  fileOfSymbol(symbol: string): string | undefined {
    this.#build();
    return this.#symbols.get(symbol.replace(/^\./, ""));
  }

  fileOfExtension(extendee: string, number: number): string | undefined {
    this.#build();
    return this.#extensions.get(extendee)?.get(number);
  }

  /** The numbers of a message's extensions; undefined when there is no such message. */
  extensionNumbers(message: string): number[] | undefined {
    this.#build();
    if (!this.#symbols.has(message)) return undefined;
    return [...(this.#extensions.get(message)?.keys() ?? [])].sort((a, b) => a - b);
  }

  /** A file and all it imports, itself first. */
  closure(name: string): IndexedFile[] {
    this.#build();
    const names = new Set([name]);
    for (const each of names) {
      for (const dependency of this.#files.get(each)?.dependencies ?? []) names.add(dependency);
    }
    return [...names].flatMap((each) => this.#files.get(each) ?? []);
  }

  #build(): void {
    if (this.#built) return;
    this.#built = true;
    for (const file of this.#roots) this.#add(file);
  }

  #add(file: DescFile): void {
    const { name } = file.proto;
    if (this.#files.has(name)) return;
    this.#files.set(name, {
      name,
      bytes: toBinary(FileDescriptorProtoSchema, file.proto),
      dependencies: file.proto.dependency,
    });
    for (const type of [...nestedTypes(file), ...file.services]) {
      this.#symbols.set(type.typeName, name);
      if (type.kind === "message") this.#addFields(type, name);
      if (type.kind === "service") this.#addMethods(type, name);
      if (type.kind === "extension") this.#addExtension(type, name);
    }
    for (const dependency of file.dependencies) this.#add(dependency);
  }

  #addFields(message: DescMessage, file: string): void {
    for (const field of message.fields)
      this.#symbols.set(`${message.typeName}.${field.name}`, file);
  }

  #addMethods(service: DescService, file: string): void {
    for (const method of service.methods) {
      this.#symbols.set(`${service.typeName}.${method.name}`, file);
    }
  }

  #addExtension(extension: DescExtension, file: string): void {
    const extendee = extension.extendee.typeName;
    const numbers = this.#extensions.get(extendee) ?? new Map<number, string>();
    numbers.set(extension.number, file);
    this.#extensions.set(extendee, numbers);
  }
}
