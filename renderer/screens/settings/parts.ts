/** The parts of the Settings screen; the workspace comes first and stands in no address. */

export const SETTINGS_PARTS = ['backup', 'keys', 'operators', 'gateway', 'network', 'licences'] as const;
export type SettingsPart = (typeof SETTINGS_PARTS)[number];

export const PART_TITLES: Readonly<Record<'workspace' | SettingsPart, string>> = {
  workspace: 'Workspace',
  backup: 'Backup',
  keys: 'Keys',
  operators: 'Operators',
  gateway: 'Gateway',
  network: 'Network',
  licences: 'Licences',
};
