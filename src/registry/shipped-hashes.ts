/** SHA-256 of the shipped models, with which a browser checks the files that it downloaded or kept. */
export const SHIPPED_SHA256: Readonly<Record<string, string>> = {
  'agewise-base': 'e4e273609afdf4cbe1a6c67fed6a99a79d26f71f8a23c578090a7caacf61a771',
  'agewise-small': '0aa2e32ea8327118553c0e3cfd9d664d2151e1d3dec27c2aa9407d556453edf9',
  'face-detector': 'a42eb1e94dd3f95b0c8789b4dbbfee286eced4334a6bec0b9bef25f4795deec9',
};
