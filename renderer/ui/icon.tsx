/** The console's small set of line icons, drawn on a 16 px grid in the text's colour. Always beside a word or a label. */

const PATHS = {
  overview: 'M2.5 2.5h4.5v6h-4.5zM9 2.5h4.5v3.5H9zM9 8h4.5v5.5H9zM2.5 10.5H7v3H2.5z',
  customers: 'M6 8a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5zM1.5 13.5c.3-2.6 2-4 4.5-4s4.200 1.400 4.500 4M10.500 3.200a2.500 2.500 0 0 1 0 4.600M12 9.800c1.400.6 2.300 1.800 2.500 3.700',
  usage: 'M1.500 8.500h3l2-5.500 3 10 2-4.500h3',
  invoices: 'M3.500 1.500h9v13l-2.200-1.300L8 14.500l-2.300-1.300-2.200 1.300zM6 5h4M6 8h4',
  ledger: 'M3 2.500h10v11H3zM3 6h10M3 9.700h10M9 2.500v11',
  copy: 'M5.500 5.500h8v8h-8zM10.500 5.500v-3h-8v8h3',
  check: 'M3 8.300 6.500 11.700 13 4.500',
  close: 'M4 4l8 8M12 4l-8 8',
  back: 'M10 3 5 8l5 5',
  down: 'M4 6l4 4 4-4',
  search: 'M7 12a5 5 0 1 0 0-10 5 5 0 0 0 0 10zM10.700 10.700 14 14',
  lock: 'M4 7.500h8v6H4zM5.500 7.500V5a2.500 2.500 0 0 1 5 0v2.500',
  sun: 'M8 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM8 1.500V3M8 13v1.500M1.500 8H3M13 8h1.500M3.400 3.400l1 1M11.600 11.600l1 1M12.600 3.400l-1 1M4.400 11.600l-1 1',
  moon: 'M13 9.500A5.500 5.500 0 0 1 6.500 3a5.500 5.500 0 1 0 6.500 6.500z',
  screen: 'M2 3h12v8H2zM6 14h4M8 11v3',
  download: 'M8 2.500v7.500M4.800 7 8 10.200 11.200 7M2.500 13.500h11',
  columns: 'M2.500 3h11v10h-11zM6.200 3v10M9.800 3v10',
  why: 'M8 14a6 6 0 1 0 0-12 6 6 0 0 0 0 12zM6.200 6.300c.1-1.100.8-1.700 1.800-1.700s1.800.6 1.800 1.600c0 1.300-1.800 1.300-1.800 2.600M8 11v.3',
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, size = 16 }: { name: IconName; size?: number }) {
  return (
    <svg
      width={size} height={size} viewBox="0 0 16 16" fill="none" stroke="currentColor" strokeWidth="1.4"
      strokeLinecap="round" strokeLinejoin="round" aria-hidden="true" focusable="false"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
