/** SHA-256 of the shipped models, with which a browser checks the files that it downloaded or kept. */
export const SHIPPED_SHA256: Readonly<Record<string, string>> = {
  'agewise-base': '2366aa9e783c5e36e7764ea5ad7a7b5776aa06f54292cc396c63ae68ff490085',
  'face-detector': 'a42eb1e94dd3f95b0c8789b4dbbfee286eced4334a6bec0b9bef25f4795deec9',
};
