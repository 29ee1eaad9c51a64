/** SHA-256 of the shipped models, with which a browser checks the files that it downloaded or kept. */
export const SHIPPED_SHA256: Readonly<Record<string, string>> = {
  'agewise-base': 'a8d00cfa902a66dcfd2b950b95ce3fcf73f4693f25b9e3ad45b15d4b1b1e5658',
  'agewise-open': '32573cf80ab64c6ed2e9c57c18dab7a2e40e065d9a351b3fa3014102da164968',
  'agewise-small': '7dc60e561cac1636dc77010918a8f4611f07f4b0696cb1078506348b9a9e0a9a',
  'face-detector': '597a7a347ca74e36e7fe14a83b1e81dc1128ff96ab32877b6bbf921f774f9f98',
};
