import type { OutEvent } from './sources.ts'

/** The media type of a CloudEvent in structured JSON. */
export const CLOUD_EVENT = 'application/cloudevents+json; charset=utf-8'

/** An event as CloudEvents 1.0 in structured JSON. */
export function cloudEventOf({ uid, kind, type, at, subject, title, data }: OutEvent, fleet: string): Record<string, unknown> {
  return {
    ...{ specversion: '1.0', id: uid, source: `/muster/${fleet}/${kind}`, type: `muster.${type}` },
    // A device may have any clock; RFC 3339 ends with the year 9999.
    ...(at <= LAST_TIME ? { time: new Date(at).toISOString() } : {}),
    ...(subject === null ? {} : { subject }),
    ...{ datacontenttype: 'application/json', data: { title, ...data } },
  }
}

const LAST_TIME = 253_402_300_799_999
