/** An address that cannot be listened on. For whoever starts the server: its text says what to do, so no stack is shown with it. */
export class ListenRefusal extends Error {
  constructor(address: string, { cause }: { readonly cause: unknown }) {
    const said = (cause as Error).message;
    super(
      `cannot listen on ${address}: ${said}.\nEnd what listens there, or choose another address (TIFFIN_GRPC_ADDRESS, TIFFIN_HTTP_ADDRESS, TIFFIN_OPS_ADDRESS).`,
      { cause },
    );
    this.name = "ListenRefusal";
  }
}
