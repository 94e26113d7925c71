// Reads events of the care conference from Kafka with KafkaJS: each once, in order, and nothing is missed unseen.
//
// Settings are what `kpk subscriber add` prints. What is done with an event is a line in a file: id, type, topic,
// stream, sequence, taken or skipped, and the event's JSON. Put your own effect there, with the id in the same
// transaction. Whatever fails ends the program; started again, it goes on where its file ends. One process a file.

import { closeSync, existsSync, fsyncSync, ftruncateSync, openSync, readFileSync, writeSync } from "node:fs";
import { Kafka, logLevel } from "kafkajs";

const told = process.env;
const missing = ["PROTOCOL", "BOOTSTRAP", "USER", "PASSWORD_FILE", "TOPICS", "GROUP"]
  .map((name) => `SUBSCRIBER_${name}`)
  .filter((name) => !told[name]);
if (missing.length) {
  console.error(`${missing.join(", ")} must be set, as README.md says`);
  process.exit(1);
}

class Events {
  // What the file holds is known again at the next start: so an event that comes twice is one.
  constructor(path, types, conference) {
    this.types = new Set(types);
    this.conference = conference;
    this.known = new Set();
    this.last = new Map();
    const text = existsSync(path) ? readFileSync(path) : Buffer.alloc(0);
    const whole = text.subarray(0, text.lastIndexOf("\n") + 1); // a line that a crash has cut short comes again
    for (const line of whole.toString().split("\n").slice(0, -1)) {
      const [id, , topic, stream, sequence] = line.split("\t");
      this.remember(id, topic, stream, Number(sequence));
    }
    this.file = openSync(path, existsSync(path) ? "r+" : "w");
    ftruncateSync(this.file, whole.length);
    this.end = whole.length;
  }

  // Returns when all of them are on the disk: only then may their offsets be committed.
  take(topic, messages) {
    const lines = Buffer.from(messages.map((message) => this.line(topic, message)).join(""));
    for (let done = 0; done < lines.length; ) done += writeSync(this.file, lines, done, lines.length - done, this.end + done);
    this.end += lines.length;
    fsyncSync(this.file);
  }

  // Empty: there is nothing to do.
  line(topic, { headers, value }) {
    const header = (name) => headers?.[name]?.toString();
    const [id, type, stream] = ["ce_id", "ce_type", "ce_subject"].map(header);
    const sequence = Number(header("ce_sequence"));
    const previous = Number(header("ce_previous") ?? sequence - 1); // a closed topic has every number
    if (!id || !type || !stream || !Number.isInteger(sequence) || !Number.isInteger(previous)) {
      say(`no event: ${topic} has a record without an event's headers`);
      return "";
    }
    if (this.known.has(id) || (this.conference && this.conference !== header("ce_conference"))) return "";
    const last = this.last.get(`${topic} ${stream}`) ?? 0;
    if (previous > last) say(`gap: ${stream} in ${topic} goes from ${last} to ${sequence}; ${previous} is missing`);
    this.remember(id, topic, stream, sequence);
    const what = this.types.size === 0 || this.types.has(type) ? "taken" : "skipped";
    const columns = [id, type, topic, stream, String(sequence), what, value?.toString() ?? ""];
    return columns.map((column) => column.replace(/[\x00-\x1f]/g, " ")).join("\t") + "\n";
  }

  remember(id, topic, stream, sequence) {
    this.known.add(id);
    this.last.set(`${topic} ${stream}`, Math.max(sequence, this.last.get(`${topic} ${stream}`) ?? 0));
  }
}

function say(line) {
  process.stderr.write(`${line}\n`);
}

function connected() {
  const ca = told.SUBSCRIBER_CA_FILE && [readFileSync(told.SUBSCRIBER_CA_FILE)];
  return new Kafka({
    brokers: told.SUBSCRIBER_BOOTSTRAP.split(","),
    ssl: told.SUBSCRIBER_PROTOCOL === "SASL_SSL" ? { ca } : false,
    sasl: {
      mechanism: "scram-sha-512",
      username: told.SUBSCRIBER_USER,
      password: readFileSync(told.SUBSCRIBER_PASSWORD_FILE, "utf8").trim(),
    },
    logLevel: logLevel.ERROR,
  });
}

function end(error) {
  say(`ended: ${error}`);
  process.exit(1); // at once: what was not done must not be committed with what comes next
}

const types = (told.SUBSCRIBER_TYPES ?? "").split(",").filter(Boolean);
const events = new Events(told.SUBSCRIBER_FILE ?? "events.tsv", types, told.SUBSCRIBER_CONFERENCE ?? "");
const consumer = connected().consumer({ groupId: told.SUBSCRIBER_GROUP });
consumer.on(consumer.events.CRASH, ({ payload }) => payload.restart || end(payload.error));
for (const signal of ["SIGINT", "SIGTERM"]) {
  process.once(signal, async () => {
    await consumer.disconnect();
    closeSync(events.file);
    process.exit(0);
  });
}

await consumer.connect();
await consumer.subscribe({ topics: told.SUBSCRIBER_TOPICS.split(","), fromBeginning: true });
await consumer.run({
  autoCommit: false,
  eachBatch: async ({ batch }) => {
    const { topic, partition, messages } = batch;
    try {
      events.take(topic, messages);
    } catch (error) {
      end(error);
    }
    await consumer.commitOffsets([{ topic, partition, offset: String(BigInt(batch.lastOffset()) + 1n) }]);
  },
});
