// Plain JavaScript of an old kind, so that a Node too old to run the rest can still say so.
"use strict";
var major = Number(process.versions.node.split(".")[0]);
if (major < 24) {
  console.error(
    "Tiffin needs Node 24 or newer, and this is " +
      process.version +
      " (" +
      process.execPath +
      ").\n" +
      "On Linux x64 and arm64 `npm ci` brings one by itself, unless optional dependencies are omitted;\n" +
      "elsewhere install it from https://nodejs.org and try again.",
  );
  process.exit(1);
}
