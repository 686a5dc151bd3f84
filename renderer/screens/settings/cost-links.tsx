import { ActionIcon, Button, NumberInput, Radio, TextInput } from '@mantine/core'
import { IconTrash } from '@tabler/icons-react'
import type { LinkClass, PriceSheet } from '../../../shared/rpc/contract/costs.ts'
import { QuietEditor } from './quiet-editor.tsx'
import styles from './cost-settings.module.css'

const MOST_LINKS = 50
/** Names that are offered for a new link, as long as they are free. */
const usualNames = ['cellular', 'wifi', 'satellite', 'radio', 'ethernet']

/** The kinds of links of a fleet with their prices. A device names its own by its label `link`. */
export function CostLinks({ sheet, onChange }: { sheet: PriceSheet; onChange(change: Partial<PriceSheet>): void }) {
  const { links, defaultLink, currency } = sheet
  const replace = (at: number, link: LinkClass): void =>
    onChange({
      links: links.map((one, i) => (i === at ? link : one)),
      // The usual link keeps to be the usual one under its new name.
      ...(links[at]!.name === defaultLink ? { defaultLink: link.name } : {}),
    })
  const remove = (at: number): void => {
    const left = links.filter((_, i) => i !== at)
    onChange({ links: left, ...(links[at]!.name === defaultLink ? { defaultLink: left[0]!.name } : {}) })
  }
  const add = (): void => {
    const taken = new Set(links.map(({ name }) => name))
    const name = usualNames.find((one) => !taken.has(one)) ?? `link-${links.length + 1}`
    onChange({ links: [...links, { name, pricePerGigabyte: 0, megabitsPerSecond: null, quiet: [] }] })
  }
  return (
    <div>
      <div className={`${styles.link} ${styles.head}`} aria-hidden="true">
        <span>Link</span>
        <span>{currency} per GB</span>
        <span>Usual speed</span>
        <span>Usual link</span>
        <span />
      </div>
      <div className={styles.links}>
        {links.map((link, at) => (
          <div key={at} className={styles.link} role="group" aria-label={`Link ${link.name}`}>
            <TextInput
              aria-label="Name of the link"
              maxLength={64}
              value={link.name}
              onChange={({ currentTarget }) => replace(at, { ...link, name: currentTarget.value })}
            />
            <Amount
              label="Price per GB"
              value={link.pricePerGigabyte}
              onChange={(pricePerGigabyte) => replace(at, { ...link, pricePerGigabyte })}
            />
            <NumberInput
              aria-label="Usual speed in Mbit/s"
              min={0.001}
              max={1_000_000}
              placeholder="not known"
              suffix=" Mbit/s"
              hideControls
              value={link.megabitsPerSecond ?? ''}
              onChange={(value) => replace(at, { ...link, megabitsPerSecond: Number(value) > 0 ? Number(value) : null })}
            />
            <Radio
              name="usual-link"
              label="Usual"
              checked={link.name === defaultLink}
              onChange={() => onChange({ defaultLink: link.name })}
            />
            <ActionIcon aria-label={`Remove the link ${link.name}`} disabled={links.length === 1} onClick={() => remove(at)}>
              <IconTrash size={14} />
            </ActionIcon>
            <QuietEditor link={link.name} quiet={link.quiet} onChange={(quiet) => replace(at, { ...link, quiet })} />
          </div>
        ))}
      </div>
      <Button mt="xs" disabled={links.length >= MOST_LINKS} onClick={add}>
        Add a link
      </Button>
    </div>
  )
}

function Amount({ label, value, onChange }: { label: string; value: number; onChange(value: number): void }) {
  return (
    <NumberInput
      aria-label={label}
      min={0}
      max={1_000_000_000}
      decimalScale={9}
      hideControls
      value={value}
      onChange={(next) => onChange(Math.max(0, Number(next)))}
    />
  )
}
