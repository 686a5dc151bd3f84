import { messageOf, Problem } from '../../../shared/domain/problem.ts'
import { priceSheet, type LinkClass, type PriceSheet } from '../../../shared/rpc/contract/costs.ts'
import type { Windows } from '../rollout/planning/windows.ts'
import type { RosterEntry } from '../store/fleet/roster-rows.ts'
import type { SettingTable } from '../store/fleet/settings.ts'

/** The price sheet that is stored, read once until it is changed. */
export interface PriceBook {
  sheet(): PriceSheet
  /** The class of the device's link: its label `link`, else the usual one, as of a device that has left the fleet (null). */
  linkOf(entry: RosterEntry | null): LinkClass
  /** Reads the stored sheet again at the next question. */
  forget(): void
}

/** Opens the price sheet of a fleet; without one every price is zero. */
export function openPriceBook(settings: Pick<SettingTable, 'get'>): PriceBook {
  let known: { sheet: PriceSheet; links: Map<string, LinkClass> } | null = null
  const read = (): NonNullable<typeof known> => {
    if (known !== null) return known
    const sheet = priceSheet.safeParse(settings.get('priceSheet') ?? {}).data ?? priceSheet.parse({})
    known = { sheet, links: new Map(sheet.links.map((link) => [link.name, link])) }
    return known
  }
  return {
    sheet: () => read().sheet,
    linkOf(entry) {
      const { sheet, links } = read()
      return links.get(entry?.row.labels['link'] ?? '') ?? links.get(sheet.defaultLink) ?? sheet.links[0]!
    },
    forget: () => void (known = null),
  }
}

/** Refuses a sheet that contradicts itself. @throws Problem `input.invalid` with the place */
export function checkSheet(sheet: PriceSheet, windows: Windows, now: number): void {
  const names = sheet.links.map(({ name }) => name)
  const twice = names.find((name, at) => names.indexOf(name) !== at)
  if (twice !== undefined) throw new Problem('input.invalid', `links: '${twice}' is there twice. Nothing was changed.`)
  if (!names.includes(sheet.defaultLink))
    throw new Problem(
      'input.invalid',
      `defaultLink: no link is named '${sheet.defaultLink}'; there are ${names.join(', ')}. Nothing was changed.`,
    )
  for (const [at, link] of sheet.links.entries()) {
    for (const [nth, window] of link.quiet.entries()) {
      try {
        windows.placeIn(window, { zone: 'UTC', hash: 0, isSpread: false }, now)
      } catch (error) {
        throw new Problem('input.invalid', `links[${at}].quiet[${nth}]: ${messageOf(error)} Nothing was changed.`)
      }
    }
  }
}
