/** Runs `agewise verify`: photograph → its one face → pass, refer or fail. */
import { maskAddress } from '../errors/index.js';
import {
  AgeEstimator,
  type AgeVerification,
  CHALLENGE_YEARS,
  verificationRecord,
  verifyAge,
} from '../estimate/index.js';
import { pathOf } from '../files/index.js';
import { readMetadata } from '../metadata/index.js';
import { readModel } from '../onnx/index.js';
import { AGE_MODEL } from '../registry/index.js';
import { readModelSource } from '../registry/node.js';
import { ImageError } from '../vision/index.js';
import { decodeImage } from '../vision/node.js';
import { Console } from './console.js';
import { jsonText, lookOf, oneLine, paint } from './text.js';
import { EXIT, UsageError } from './usage.js';
import type { VerifyFlags } from './verify-flags.js';

/** @returns the exit code */
export async function runVerify(photo: string, flags: VerifyFlags): Promise<number> {
  const { age, challenge = age + CHALLENGE_YEARS, device, threads, maxPixels } = flags;
  if (challenge < age) {
    throw new UsageError(
      `--challenge: expected an age of at least ${age}, the value of --age, found ${challenge}`,
    );
  }
  const console = new Console();
  const { bytes, name, model } = await readModelSource(flags.model ?? AGE_MODEL);
  const { calibration } = readMetadata(model ?? readModel(bytes), name);
  const estimator = await AgeEstimator.load({
    models: [{ model: bytes, name }],
    device,
    gender: false,
    ...(threads !== undefined && { threads }),
  });
  try {
    const name = maskAddress(photo);
    const image = await decodeImage(pathOf(photo), { name, ...(maxPixels !== undefined && { maxPixels }) });
    const { faces } = await estimator.estimate(image);
    const found = verifyAge(image, faces, { age, challenge });
    const calibrated = calibration !== undefined;
    await console.print(
      flags.json ? jsonText({ file: photo, ...verificationRecord(found), calibrated }) : text(found),
    );
    return EXIT.done;
  } catch (error) {
    if (!(error instanceof ImageError)) throw error;
    if (flags.json) await console.print(jsonText({ file: photo, error: error.message }));
    else await console.complain(error.message);
    return EXIT.inputsFailed;
  } finally {
    await estimator.dispose();
  }
}

function text({ verdict, reason, age, atLeast, interval }: AgeVerification): string {
  const { bold, dim } = paint(lookOf(process.stdout));
  const head = `${bold(verdict)}: ${oneLine(reason)}\n`;
  if (atLeast === null || interval === null) return head;
  const [low, high] = interval.map((years) => years.toFixed(1));
  return `${head}${dim(`P(age ≥ ${age}) ${(100 * atLeast).toFixed(1)}%, 90% interval ${low} to ${high}`)}\n`;
}
