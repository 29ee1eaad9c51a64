/** Reads and checks settings. */
export { checkAddresses } from './addresses.js';
export { SettingsError } from './error.js';
export { checkExposure } from './exposure.js';
export { readSettings, type SettingsSources, settingsText, shownSettings } from './read.js';
