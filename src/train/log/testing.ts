/** For tests: event files read by a third party's reader, and decoded by what TensorBoard's own event.proto says. */
import { readFileSync } from 'node:fs';
import { createFileRegistry, fromBinary, type Message } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { RecordReader } from 'tfrecord';

const PROTO = new URL('../../../test/fixtures/tensorboard/event.binpb', import.meta.url);
const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, readFileSync(PROTO)));
const eventSchema = registry.getMessage('tensorboard.Event')!;

/** Fields known only from descriptors loaded by tests. */
interface Event extends Message {
  readonly wallTime: number;
  readonly step: bigint;
  readonly what:
    | { readonly case: 'fileVersion'; readonly value: string }
    | { readonly case: 'sessionLog'; readonly value: { readonly status: number } }
    | { readonly case: 'summary'; readonly value: { readonly value: readonly SummaryValue[] } };
}

interface SummaryValue {
  readonly tag: string;
  readonly value: { readonly case: 'simpleValue'; readonly value: number };
}

export type ReadEvent = Event & { readonly scalars: Readonly<Record<string, number>> };

/**
 * All events of a file.
 * @throws Error if a checksum does not match.
 */
export async function eventsOf(path: string): Promise<ReadEvent[]> {
  const reader = await RecordReader.create(path);
  const events: ReadEvent[] = [];
  try {
    for (;;) {
      const record = await reader.readRecord();
      if (record === null) return events;
      const event = fromBinary(eventSchema, record) as Event;
      const values = event.what.case === 'summary' ? event.what.value.value : [];
      const scalars = values.map(({ tag, value }): [string, number] => {
        if (value.case !== 'simpleValue') throw new Error(`'${tag}' is no scalar`);
        return [tag, value.value];
      });
      events.push({ ...event, scalars: Object.fromEntries(scalars) });
    }
  } finally {
    await reader.close();
  }
}
