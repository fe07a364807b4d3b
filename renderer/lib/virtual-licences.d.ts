/** What the build makes of node_modules; see build/licences.ts. */
declare module 'virtual:licences' {
  export const licences: import('./licences.ts').Licences;
}
