/** SHA-256 of the shipped models, with which a browser checks the files that it downloaded or kept. */
export const SHIPPED_SHA256: Readonly<Record<string, string>> = {
  'agewise-base': '5403b0a73ef38d613c56d5c68cdccfe5dafc371ee6ef846b238f0655f8a823f0',
  'agewise-open': '32573cf80ab64c6ed2e9c57c18dab7a2e40e065d9a351b3fa3014102da164968',
  'agewise-small': '85f7302cfdd5351b3a2901b4ca0d11c09e3bf0fcb027cd9a73bc85285a5894d6',
  'face-detector': 'dd04d067c8c2b1241e6681164db30d2058fdc539eb44f34d4c646e00bb4a8f59',
};
