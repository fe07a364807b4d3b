/** The systems whose data can be brought here, by name. */
import type { SystemName } from '#core/contract/imports.ts';
import { creditsService } from './credits-service.ts';
import { invoiceService } from './invoice-service.ts';
import { lago } from './lago.ts';
import type { Converter } from './makes.ts';
import { openMeter } from './openmeter.ts';
import { stripe } from './stripe.ts';

export const CONVERTERS: Readonly<Record<SystemName, () => Converter>> = {
  openmeter: openMeter,
  lago,
  stripe,
  'credits-service': creditsService,
  'invoice-service': invoiceService,
};
