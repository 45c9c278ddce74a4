/** Starts Workers that watch, one after the other, and ends each in the way that the command line says. */
import { readdirSync, readFileSync } from "node:fs";
import process from "node:process";
import { isMainThread, parentPort, Worker } from "node:worker_threads";
import { list, setFlags, watch } from "../../../mod.ts";

const ROUNDS = 8;

const descriptors = (): number => readdirSync("/proc/self/fd").length;
const sockets = (): number => readFileSync("/proc/net/netlink", "utf8").trim().split("\n").length;

/** What a Worker does when it is told to end. */
const WAYS: Readonly<Record<string, () => void>> = {
  "terminate()": () => {},
  "process.exit()": () => process.exit(0),
  "an error": () => {
    throw new Error("an error of the Worker's own");
  },
};

async function inWorker(): Promise<void> {
  list();
  const initial = watch({ initial: true });
  void watch({ addresses: true }).next();
  void watch({ names: "lo", poll: 50 }).next();
  await initial.next();
  parentPort!.on("message", (way: string) => WAYS[way]!());
  parentPort!.postMessage("open");
  for await (const event of initial) parentPort!.postMessage(event.type);
}

/** A Worker from its start to its end: what it told before. */
async function round(way: string, i: number): Promise<string[]> {
  const worker = new Worker(new URL(import.meta.url));
  const told: string[] = [];
  const heard = Promise.withResolvers<void>();
  const ended = new Promise<void>((resolve) => worker.once("exit", () => resolve()));
  worker.on("error", (error: Error) => {
    told.push(error.message);
    heard.reject(error); // which is too late for one that was to come
  });
  worker.on("message", (message: string) => {
    told.push(message);
    if (message === "open") setFlags("lo", { up: i % 2 === 0 });
    else heard.resolve();
  });
  await heard.promise;
  if (way === "terminate()") await worker.terminate();
  else worker.postMessage(way);
  await ended;
  return told;
}

if (isMainThread) {
  const way = process.argv[2]!;
  setFlags("lo", { up: false }); // whatever was before
  await round(way, 0);
  const before = [descriptors(), sockets()];
  const told = new Set<string>();
  for (let i = 1; i <= ROUNDS; i++) for (const text of await round(way, i)) told.add(text);
  process.stdout.write(JSON.stringify([[...told].sort(), before, [descriptors(), sockets()]]));
} else await inWorker();
