/** Who may do what: the permissions, the roles of operators and the scopes of API keys. */

export const PERMISSIONS = [
  'books:read',
  'books:verify',
  'customers:read',
  'customers:write',
  'usage:read',
  'usage:write',
  'meters:read',
  'meters:write',
  'prices:read',
  'prices:write',
  'credits:write',
  'gate:write',
  'invoices:read',
  'invoices:write',
  'keys:write',
  'deployments:read',
  'deployments:write',
  'alerts:read',
  'alerts:write',
  'operators:write',
  'workspace:write',
] as const;
export type Permission = (typeof PERMISSIONS)[number];

export const ROLES = ['viewer', 'billing', 'settlement', 'admin'] as const;
export type Role = (typeof ROLES)[number];

const READS: readonly Permission[] = [
  'books:read',
  'customers:read',
  'usage:read',
  'meters:read',
  'prices:read',
  'invoices:read',
  'deployments:read',
  'alerts:read',
];
const BILLING: readonly Permission[] = [
  ...READS,
  'books:verify',
  'customers:write',
  'usage:write',
  'meters:write',
  'prices:write',
  'credits:write',
  'gate:write',
  'invoices:write',
  'alerts:write',
];

/** What an operator of each role may do. Settlement deals with the chains, and reads and verifies the books. */
export const ROLE_PERMISSIONS: Readonly<Record<Role, readonly Permission[]>> = {
  viewer: READS,
  billing: BILLING,
  settlement: [...READS, 'books:verify', 'deployments:write', 'alerts:write'],
  admin: PERMISSIONS,
};

/** What an API key may be given: never the commands that steer the workspace itself. */
export const SCOPES = [
  'usage:write',
  'usage:read',
  'meters:read',
  'meters:write',
  'customers:read',
  'customers:write',
  'gate:write',
  'prices:read',
  'invoices:read',
] as const satisfies readonly Permission[];
export type Scope = (typeof SCOPES)[number];
