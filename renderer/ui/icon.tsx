/**
 * The console's small set of line icons, drawn on a 16 px grid in the text's colour. Always beside a word or a label.
 */

const PATHS = {
  overview: 'M2.5 2.5h4.5v6h-4.5zM9 2.5h4.5v3.5H9zM9 8h4.5v5.5H9zM2.5 10.5H7v3H2.5z',
  customers:
    'M6 8a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5zM1.5 13.5c.3-2.6 2-4 4.5-4s4.2 1.4 4.5 4' +
    'M10.5 3.2a2.5 2.5 0 0 1 0 4.6M12 9.8c1.4.6 2.3 1.8 2.5 3.7',
  usage: 'M1.5 8.5h3l2-5.5 3 10 2-4.5h3',
  tiers: 'M2 13.5h12M3 13.5V10h3v3.5M6.5 13.5V6.5h3v7M10 13.5V2.5h3v11',
  invoices: 'M3.5 1.5h9v13l-2.2-1.3L8 14.5l-2.3-1.3-2.2 1.3zM6 5h4M6 8h4',
  ledger: 'M3 2.5h10v11H3zM3 6h10M3 9.7h10M9 2.5v11',
  deployments: 'M8 1.5 14 4.8v6.4L8 14.5 2 11.2V4.8zM2 4.8l6 3.3 6-3.3M8 8.1v6.4',
  credits: 'M2.5 4.5h11v8h-11zM2.5 7.2h11M5 10.3h3',
  vaults: 'M2 2.5h12v10H2zM4 12.5v1.5M12 12.5v1.5M8 10a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5zM8 5v1.2M8 8.8V10',
  sandboxes: 'M2 3h12v10H2zM2 5.8h12M4.5 8.2l1.8 1.6-1.8 1.6M8 11.4h3',
  settlement: 'M2.5 5.5h9.5M9.5 3 12 5.5 9.5 8M13.5 10.5H4M6.5 8 4 10.5 6.5 13',
  alerts: 'M4 11V7a4 4 0 0 1 8 0v4l1.2 1.5H2.8zM6.7 14.3h2.6',
  leaks: 'M8 2s4 4.6 4 7.5a4 4 0 0 1-8 0C4 6.6 8 2 8 2zM6.2 9.8c.2 1 .8 1.6 1.8 1.8',
  signing: 'M10.5 2.5l3 3-7 7-3.6.6.6-3.6zM2.5 14.3h11',
  settings:
    'M2 4.5h6M12 4.5h2M2 11.5h2M8 11.5h6M10 6.5a2 2 0 1 0 0-4 2 2 0 0 0 0 4zM6 13.5a2 2 0 1 0 0-4 2 2 0 0 0 0 4z',
  jobs: 'M2.5 4h11M2.5 8h7M2.5 12h4M11.5 9.5l1.5 1.5 1.5-1.5M13 8v3',
  upload: 'M8 10.5V2.8M4.8 6 8 2.8 11.2 6M2.5 13.5h11',
  copy: 'M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3',
  check: 'M3 8.3 6.5 11.7 13 4.5',
  close: 'M4 4l8 8M12 4l-8 8',
  back: 'M10 3 5 8l5 5',
  down: 'M4 6l4 4 4-4',
  search: 'M7 12a5 5 0 1 0 0-10 5 5 0 0 0 0 10zM10.7 10.7 14 14',
  lock: 'M4 7.5h8v6H4zM5.5 7.5V5a2.5 2.5 0 0 1 5 0v2.5',
  sun:
    'M8 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM8 1.5V3M8 13v1.5M1.5 8H3M13 8h1.5' +
    'M3.4 3.4l1 1M11.6 11.6l1 1M12.6 3.4l-1 1M4.4 11.6l-1 1',
  moon: 'M13 9.5A5.5 5.5 0 0 1 6.5 3a5.5 5.5 0 1 0 6.5 6.5z',
  screen: 'M2 3h12v8H2zM6 14h4M8 11v3',
  download: 'M8 2.5v7.5M4.8 7 8 10.2 11.2 7M2.5 13.5h11',
  columns: 'M2.5 3h11v10h-11zM6.2 3v10M9.8 3v10',
  why: 'M8 14a6 6 0 1 0 0-12 6 6 0 0 0 0 12zM6.2 6.3c.1-1.1.8-1.7 1.8-1.7s1.8.6 1.8 1.6c0 1.3-1.8 1.3-1.8 2.6M8 11v.3',
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, size = 16 }: { name: IconName; size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.4"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
