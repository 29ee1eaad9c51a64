/** SHA-256 of the shipped models, with which a browser checks the files that it downloaded or kept. */
export const SHIPPED_SHA256: Readonly<Record<string, string>> = {
  'agewise-base': '377d05267391242d642e7248479853cba55b02633c500358adf20f8e8fc7fd63',
  'agewise-open': '32573cf80ab64c6ed2e9c57c18dab7a2e40e065d9a351b3fa3014102da164968',
  'agewise-small': 'b02afa0b454e674933ee46b66b0d649c1eebe58738139f55cfc85f5db2bd53b3',
  'face-detector': 'f1582bd1583e5d2f1606b7a789406a19620d0c89ef325bf1d50409d577e59cf5',
};
