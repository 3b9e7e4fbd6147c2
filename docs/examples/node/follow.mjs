// Takes a province's feed over NATS into a file of JSON Lines and holds it against every signed checkpoint.
// KSAD_TOKEN=... node follow.mjs CREDENTIALS.json PUBLIC.vkeys REPORTING_URL FILE [SIZE, to stop when so many are proven]
import { createHash, createPublicKey, verify } from "node:crypto";
import { closeSync, existsSync, fsyncSync, ftruncateSync, openSync, readFileSync, renameSync, writeFileSync, writeSync } from "node:fs";
import { connect, nkeyAuthenticator } from "nats";

const [credentialsFile, keysFile, url, file, enough = Infinity] = process.argv.slice(2);
const credentials = JSON.parse(readFileSync(credentialsFile));
const province = credentials.consumer.slice(-2);
const sha256 = (...parts) => createHash("sha256").update(Buffer.concat(parts)).digest();
const die = (reason) => { console.error(reason); process.exit(3); };

// The public key of this feed: name+hash+base64(0x01 || Ed25519 key), taken from the ministry out of band.
const [, origin, key] = readFileSync(keysFile, "utf8").split("\n").map((line) => line.match(/^([^+]+)\+[0-9a-f]{8}\+(.+)$/))
  .find((found) => found?.[1].includes(`/feed/${province}`)) ?? die(`${keysFile} has no key for ${province}`);
const x = Buffer.from(key, "base64").subarray(1).toString("base64url");
const publicKey = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });

// The tree of RFC 6962 over hashes[from, to); perfect subtrees never change, so they are remembered.
const hashes = [], known = new Map();
function root(from, to) {
  if (to - from === 1) return hashes[from];
  const split = 2 ** Math.floor(Math.log2(to - from - 1)), name = `${from},${to}`;
  const hash = known.get(name) ?? sha256(Buffer.of(1), root(from, from + split), root(from + split, to));
  return to - from === 2 * split ? (known.set(name, hash), hash) : hash;
}

// What is stored is the position: a line that was being written when the process died is cut off.
const disk = openSync(file, existsSync(file) ? "r+" : "w+"), before = readFileSync(file);
let end = before.lastIndexOf(10) + 1, size = 0, note = null;
ftruncateSync(disk, end);
for (let at = 0, next; at < end; at = next + 1) hashes.push(sha256(Buffer.of(0), before.subarray(at, next = before.indexOf(10, at))));
const store = (data) => { hashes.push(sha256(Buffer.of(0), data)); end += writeSync(disk, Buffer.concat([data, Buffer.from("\n")]), 0, data.length + 1, end); };

function check(raw) {
  const [text, signatures] = raw.toString().split("\n\n"), [name, count, hash] = text.split("\n");
  const signature = Buffer.from(signatures.split("\n").find((line) => line.startsWith(`— ${origin} `))?.split(" ")[2] ?? "", "base64").subarray(4);
  if (name !== origin || !verify(null, Buffer.from(`${text}\n`), publicKey, signature)) die("the checkpoint is not signed by the pinned key");
  if (Number(count) > hashes.length) return Number(count); // signed, and still on its way
  if (Number(count) < size) die(`the log went back from ${size} to ${count}`);
  if (root(0, Number(count)).toString("base64") !== hash) die(`an entry of [${size}, ${count}) was omitted, doubled, reordered or altered`);
  size = Number(count);
  writeFileSync(`${file}.pending`, raw, { flush: true });
  renameSync(`${file}.pending`, `${file}.checkpoint`);
  return size;
}
async function ask(path) {
  const answer = await fetch(`${url}/feeds/${province}${path}`, { headers: { Authorization: `Bearer ${process.env.KSAD_TOKEN}` } });
  if (answer.status !== 404) return answer.ok ? Buffer.from(await answer.arrayBuffer()) : die(`${path}: HTTP ${answer.status}`);
}
async function fill(until) { // what is missing over NATS: HTTP has every index
  while (hashes.length < until) {
    const lines = (await ask(`?after=${hashes.length}&limit=${until - hashes.length}`)).toString().split("\n").slice(0, -1);
    if (!lines.length) die(`index ${hashes.length} was omitted`);
    for (const line of lines) store(Buffer.from(line));
  }
}
if (existsSync(`${file}.checkpoint`)) check(readFileSync(`${file}.checkpoint`));

const authenticator = nkeyAuthenticator(new TextEncoder().encode(credentials.nkey_seed));
const nats = await connect({ servers: credentials.url, authenticator, inboxPrefix: credentials.inbox_prefix, maxReconnectAttempts: -1 });
nats.subscribe(`ksad.checkpoint.${province}`, { callback: (_, message) => { note = Buffer.from(message.data); } });
const consumer = await nats.jetstream({ apiPrefix: credentials.api_prefix }).consumers.get(credentials.stream, credentials.consumer);
while (size < enough) {
  const taken = [];
  for await (const message of await consumer.fetch({ max_messages: 500, expires: 1000 })) {
    const index = Number(message.headers.get("Ksad-Feed-Index")), data = Buffer.from(message.data);
    if (sha256(Buffer.of(0), data).toString("hex") !== message.headers.get("Ksad-Leaf-Hash")) die(`index ${index} was altered`);
    await fill(index);
    if (index === hashes.length) store(data); // a repeat is only acknowledged
    taken.push(message);
  }
  fsyncSync(disk);
  for (const message of taken) message.ack(); // only what is on disk
  const signed = note ?? await ask("/checkpoint");
  note = null;
  if (signed && check(signed) > hashes.length && !taken.length) await fill(check(signed));
}
await nats.drain();
closeSync(disk);
console.log(JSON.stringify({ province, stored: hashes.length, proven: size, root: root(0, size).toString("base64") }));
