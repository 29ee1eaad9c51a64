/** The HTTP server (Node). */
export { SETTINGS, type SettingName, type Settings } from './about.js';
export { type Server, startServer } from './server.js';
export {
  checkExposure,
  readSettings,
  SettingsError,
  type SettingsSources,
  settingsText,
} from './settings/index.js';
