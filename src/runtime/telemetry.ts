/**
 * Keeps ONNX Runtime from reporting how it is used, and from keeping a number for the machine in the user's cache folder, as its
 * builds for Linux and macOS do. To be called before the process makes its first session, also by what starts a thread that will
 * make one: a thread cannot set a variable that native code reads.
 */
export function disableTelemetry(): void {
  process.env.ORT_DISABLE_TELEMETRY ??= '1';
}
