import type { Family } from './family.ts'
import { exposedProtobuf, PROTOBUF_TYPE } from './protobuf.ts'
import { exposedText, TEXT_TYPE } from './text.ts'

/** Writes metrics in the form that a scraper likes best: protobuf, which alone carries native histograms, or text. */
export function expose(families: readonly Family[], accept: string | undefined): { type: string; body: string | Uint8Array } {
  return wantsProtobuf(accept ?? '')
    ? { type: PROTOBUF_TYPE, body: exposedProtobuf(families) }
    : { type: TEXT_TYPE, body: exposedText(families) }
}

interface Wanted {
  type: string
  parameters: ReadonlyMap<string, string>
  quality: number
  place: number
}

/** True if a scraper prefers the protobuf form; whoever names nothing reads text. */
export function wantsProtobuf(accept: string): boolean {
  const wanted = accept.split(',', 40).map(parseWanted)
  const best = (fits: (one: Wanted) => boolean): Wanted | undefined =>
    wanted.filter((one) => one.quality > 0 && fits(one)).sort((a, b) => b.quality - a.quality || a.place - b.place)[0]
  const protobuf = best(
    ({ type, parameters }) =>
      type === 'application/vnd.google.protobuf' &&
      parameters.get('proto') === 'io.prometheus.client.metricfamily' &&
      parameters.get('encoding') === 'delimited',
  )
  const text = best(({ type }) => type === 'text/plain')
  if (protobuf === undefined) return false
  return text === undefined || protobuf.quality > text.quality || (protobuf.quality === text.quality && protobuf.place < text.place)
}

function parseWanted(part: string, place: number): Wanted {
  const [type = '', ...rest] = part.split(';').map((one) => one.trim().toLowerCase())
  const parameters = new Map(
    rest.map((one) => {
      const [name = '', value = ''] = one.split('=', 2)
      return [name.trim(), value.trim().replaceAll('"', '')] as const
    }),
  )
  const quality = Number(parameters.get('q') ?? 1)
  return { type, parameters, quality: Number.isFinite(quality) ? quality : 0, place }
}
