import { methodNotFound } from "../method-not-found.ts";
import { GrpcCall } from "./grpc-call.ts";

/** A call of what is not here. It goes through the chain like any other: it is logged, counted and, first, authenticated. */
export class UnknownCall extends GrpcCall {
  readonly method = undefined;
  #path = "";

  named(path: string): this {
    this.#path = path;
    return this;
  }

  protected begun(): void {
    this.fail(methodNotFound(this.#path));
  }

  onReceiveMessage(): void {}
  protected requestEnded(): void {}
}
