// AsyncAPI's own parser reads the document: what it finds wrong, one line each, and how many messages it understood.
import { readFileSync } from "node:fs";
import { Parser } from "@asyncapi/parser";

const NEWER_IS_THERE = "asyncapi-latest-version";

const { document, diagnostics } = await new Parser().parse(readFileSync(process.argv[2], "utf8"));
const problems = diagnostics
  .filter(({ code }) => code !== NEWER_IS_THERE)
  .map(({ code, message, path }) => `${code}: ${message} at ${path.join("/")}`);
console.log(JSON.stringify({ problems, messages: document?.allMessages().length ?? 0 }));
