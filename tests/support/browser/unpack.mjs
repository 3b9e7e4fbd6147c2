// Unpacks the parts of the browser's package, each compressed with Brotli: node unpack.mjs FROM INTO.
import { createReadStream, createWriteStream, readdirSync } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createBrotliDecompress } from "node:zlib";

const [from, into] = process.argv.slice(2);
for (const name of readdirSync(from)) {
  await pipeline(createReadStream(join(from, name)), createBrotliDecompress(), createWriteStream(join(into, name.slice(0, -3))));
}
