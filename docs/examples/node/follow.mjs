// Takes a province's feed over NATS into a file of JSON Lines, and holds it against the signed heads:
// KSAD_TOKEN=... node follow.mjs CREDENTIALS.json PUBLIC.vkeys FEED_URL FILE [SIZE, to end when so many are proven]
import assert from "node:assert";
import { createHash, createPublicKey, verify } from "node:crypto";
import { appendFileSync, existsSync, readFileSync, renameSync, truncateSync, writeFileSync } from "node:fs";
import { connect, nkeyAuthenticator } from "nats";

const [credentials, keys, url, file, enough = Infinity] = process.argv.slice(2);
const my = JSON.parse(readFileSync(credentials));
const ask = (path) => fetch(`${url}${path}`, { headers: { Authorization: `Bearer ${process.env.KSAD_TOKEN}` } });
const feed = RegExp(`^(ksad/[a-z0-9-]+/feed/${my.consumer.slice(-2)}(?:/\\d+)?)[+]\\w{8}[+](\\S+)`, "gm");
const [[, origin, key] = [], ...others] = readFileSync(keys, "utf8").matchAll(feed);
assert(key && !others.length, `${keys} has several keys of this feed, or none: keep the line of the log you follow`);
const x = Buffer.from(key, "base64").subarray(1).toString("base64url");
const publicKey = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
const headForm = RegExp(`^(${origin}\n([0-9]+)\n(\\S+)\n)\n(?:.*\n)*?— ${origin} (\\S+)\n`);
const sha256 = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash("sha256")).digest();
const trees = []; // the roots of the perfect trees that RFC 6962 makes of the lines so far
const roots = []; // the root after each line; their number is the position
function add(line) {
  let hash = sha256("\0", line);
  for (let count = roots.length; count % 2; count = (count - 1) / 2) hash = sha256("\x01", trees.pop(), hash);
  trees.push(hash);
  roots.push(trees.reduceRight((right, left) => sha256("\x01", left, right)).toString("base64"));
}
const stored = readFileSync(file, { flag: "a+" });
truncateSync(file, stored.lastIndexOf("\n") + 1); // half a line was being written when the process died
for (const line of stored.toString().split("\n").slice(0, -1)) add(line);

const held = `${file}.checkpoint`;
let proven = 0;
function hold(note) {
  const [, text = "", size, root, signature = ""] = note.match(headForm) ?? [];
  assert(verify(null, text, publicKey, Buffer.from(signature, "base64").subarray(4)), "not signed by the pinned key");
  assert(size >= proven, `the log went back from ${proven} to ${size}`);
  assert(roots[size - 1] === root, `an entry of [${proven}, ${size}) was omitted, doubled, reordered or altered`);
  proven = Number(size);
}
if (existsSync(held)) hold(readFileSync(held, "utf8")); // what was proven before a restart stays so
const authenticator = nkeyAuthenticator(Buffer.from(my.nkey_seed));
const nats = await connect({ servers: my.url, authenticator, inboxPrefix: my.inbox_prefix, maxReconnectAttempts: -1 });
const consumer = await nats.jetstream({ apiPrefix: my.api_prefix }).consumers.get(my.stream, my.consumer);
while (proven < enough) {
  const [taken, lines] = [[], []];
  for await (const entry of await consumer.fetch({ max_messages: 500, expires: 1000 })) {
    const at = Number(entry.headers.get("Ksad-Feed-Index"));
    assert(sha256("\0", entry.data).toString("hex") === entry.headers.get("Ksad-Leaf-Hash"), `index ${at} was altered`);
    if (at === roots.length + lines.length) lines.push(entry.string()); // a repeat is only acknowledged
    taken.push(entry);
  }
  const head = await ask("/checkpoint");
  const note = await head.text();
  const size = note.match(headForm)?.[2];
  if (size > roots.length && taken.length === 0) {
    lines.push(...(await (await ask(`?after=${roots.length}`)).text()).split("\n").slice(0, -1));
    assert(lines.length > 0, `index ${roots.length} is missing over NATS and over HTTP`);
  }
  appendFileSync(file, lines.map((line) => `${line}\n`).join(""), { flush: true });
  for (const line of lines) add(line);
  for (const entry of taken) entry.ack(); // only what is on disk
  if (!head.ok || size > roots.length) continue; // nothing is signed yet, or it is on its way
  hold(note);
  writeFileSync(`${held}.new`, note, { flush: true });
  renameSync(`${held}.new`, held);
}
await nats.drain();
console.log(JSON.stringify({ origin, stored: roots.length, proven, root: roots[proven - 1] }));
