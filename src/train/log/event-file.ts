/**
 * TensorBoard's event files: records in the framing of TFRecord, each an `Event` of protobuf. Field numbers are those
 * of event.proto and summary.proto in https://github.com/tensorflow/tensorboard/tree/master/tensorboard/compat/proto.
 */
import { type FileHandle, open, readdir, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { maskedCrc32c } from './crc32c.js';

/** The second version understands a restart: events from its step on are forgotten. */
const FILE_VERSION = 'brain.Event:2';
const SESSION_START = 1;

/** Field numbers. */
const EVENT = { wallTime: 1, step: 2, fileVersion: 3, summary: 5, sessionLog: 7 } as const;
const SUMMARY = { value: 1 } as const;
const VALUE = { tag: 1, simpleValue: 2 } as const;
const SESSION_LOG = { status: 1 } as const;

const NAME = /^events\.out\.tfevents\.(\d{10})\./;

export interface EventFile {
  /** Adds scalars by their tags at one step. */
  write(step: number, scalars: Readonly<Record<string, number>>): Promise<void>;
  close(): Promise<void>;
}

/**
 * Begins a new event file in a folder. TensorBoard reads those of a folder as one history, in the order of their names.
 * @param step the first step of this file: entries of earlier files from this step on are dropped
 */
export async function createEventFile(folder: string, step: number): Promise<EventFile> {
  const path = join(folder, await nextName(folder));
  const start = Buffer.concat([
    record(event(0, (w) => w.tag(EVENT.fileVersion, WireType.LengthDelimited).string(FILE_VERSION))),
    record(event(step, writeSessionStart)),
  ]);
  const file = await open(path, 'ax');
  try {
    await file.appendFile(start);
  } catch (error) {
    await file.close();
    await rm(path, { force: true });
    throw error;
  }
  return new Writer(file, start.length);
}

/** Removes the event files of a folder. */
export async function removeEventFiles(folder: string): Promise<void> {
  for (const name of await eventFiles(folder)) await rm(join(folder, name));
}

class Writer implements EventFile {
  constructor(
    private readonly file: FileHandle,
    private bytes: number,
  ) {}

  async write(step: number, scalars: Readonly<Record<string, number>>): Promise<void> {
    const bytes = record(event(step, (writer) => writeSummary(writer, scalars)));
    try {
      await this.file.appendFile(bytes);
      this.bytes += bytes.length;
    } catch (error) {
      // A partial record would hide all that follow.
      await this.file.truncate(this.bytes).catch(() => {});
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.file.close();
  }
}

/**
 * Names begin with seconds; a file created in the same second, or after the clock was set back, must still sort later.
 */
async function nextName(folder: string): Promise<string> {
  const seconds = (await eventFiles(folder)).map((name) => Number(NAME.exec(name)![1]));
  const next = Math.max(Math.floor(Date.now() / 1000), ...seconds.map((second) => second + 1));
  return `events.out.tfevents.${next}.${hostname()}`;
}

async function eventFiles(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter((name) => NAME.test(name));
}

/** One record: the length, its checksum, the bytes, their checksum, all little-endian. */
function record(bytes: Uint8Array): Buffer {
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(bytes.length));
  return Buffer.concat([length, checksum(length), bytes, checksum(bytes)]);
}

function checksum(bytes: Uint8Array): Buffer {
  const sum = Buffer.alloc(4);
  sum.writeUInt32LE(maskedCrc32c(bytes));
  return sum;
}

function event(step: number, write: (writer: BinaryWriter) => void): Uint8Array {
  const writer = new BinaryWriter();
  writer.tag(EVENT.wallTime, WireType.Bit64).double(Date.now() / 1000);
  writer.tag(EVENT.step, WireType.Varint).int64(step);
  write(writer);
  return writer.finish();
}

function writeSessionStart(writer: BinaryWriter): void {
  writer.tag(EVENT.sessionLog, WireType.LengthDelimited).fork();
  writer.tag(SESSION_LOG.status, WireType.Varint).int32(SESSION_START);
  writer.join();
}

function writeSummary(writer: BinaryWriter, scalars: Readonly<Record<string, number>>): void {
  writer.tag(EVENT.summary, WireType.LengthDelimited).fork();
  for (const [tag, value] of Object.entries(scalars)) {
    writer.tag(SUMMARY.value, WireType.LengthDelimited).fork();
    writer.tag(VALUE.tag, WireType.LengthDelimited).string(tag);
    writer.tag(VALUE.simpleValue, WireType.Bit32).float(value);
    writer.join();
  }
  writer.join();
}
