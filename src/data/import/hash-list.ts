/** Hashes as they come, in 8 bytes each. */
export class HashList {
  private values = new BigUint64Array(1024);
  private count = 0;

  push(hash: bigint): void {
    if (this.count === this.values.length) {
      const larger = new BigUint64Array(2 * this.count);
      larger.set(this.values);
      this.values = larger;
    }
    this.values[this.count++] = hash;
  }

  toArray(): BigUint64Array {
    return this.values.subarray(0, this.count);
  }
}
