/** A Parquet writer's output: bytes gathered in memory, written to a file after each row group. */
import { type FileHandle, open } from 'node:fs/promises';
import { ByteWriter } from 'hyparquet-writer';

/** One buffer serves all row groups: the next one is encoded after the last has been written. */
export class FileSink extends ByteWriter {
  private constructor(private readonly file: FileHandle) {
    super();
  }

  static async create(path: string): Promise<FileSink> {
    return new FileSink(await open(path, 'wx'));
  }

  async flush(): Promise<void> {
    const bytes = this.getBytes();
    for (let at = 0; at < bytes.length; ) {
      const { bytesWritten } = await this.file.write(bytes, at);
      at += bytesWritten;
    }
    this.index = 0;
  }

  /** Waits until the bytes are on the disk, so that a later rename never exposes a partial file. */
  override async finish(): Promise<void> {
    await this.flush();
    await this.file.sync();
    await this.file.close();
  }

  /** Closes the file unfinished. */
  async abort(): Promise<void> {
    await this.file.close().catch(() => undefined);
  }
}
