import { Button, TagsInput } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { useState } from 'react'
import { useQuery } from '../../../../data/use-query.ts'
import type { WavePlan } from '../../../../../shared/domain/rollout/plan.ts'
import { At } from '../fields/findings.tsx'
import { Part } from '../fields/part.tsx'
import { movedWave, presetOf, presetWaves, wavePresetNames, wavePresets, withWave } from '../plan/wave-presets.ts'
import type { SectionProps } from './section-props.ts'
import { WaveRow } from './wave-row.tsx'
import styles from '../wizard.module.css'

const MOST_WAVES = 50

/** How the target is divided, and what each next wave waits for. */
export function WavesSection({ draft, onChange, preview }: SectionProps) {
  const [open, setOpen] = useState<number | null>(null)
  const [dragged, drag] = useState<number | null>(null)
  const { waves } = draft
  const sites = useSites(draft.query)
  const chosen = presetOf(waves)
  const set = (next: readonly WavePlan[]): void => onChange({ waves: [...next] })
  const move = (from: number, to: number): void => {
    if (to < 0 || to >= waves.length || from === to) return
    set(movedWave(waves, from, to))
    setOpen(open === from ? to : null)
  }
  return (
    <Part title="Waves">
      <div className={styles.chips} role="group" aria-label="Ways to divide the devices">
        {wavePresetNames.map((preset) => (
          <button
            key={preset}
            type="button"
            className={styles.chip}
            aria-pressed={chosen === preset}
            title={wavePresets[preset].does}
            disabled={preset === 'sites' && sites.length === 0}
            onClick={() => {
              set(presetWaves(preset, { sites }))
              setOpen(null)
            }}
          >
            {wavePresets[preset].title}
          </button>
        ))}
      </div>
      <p className={styles.about}>{chosen === null ? 'Waves of your own.' : wavePresets[chosen].does}</p>
      <At place="waves">
        <ol className={styles.waves} aria-label="Waves of the rollout">
          {waves.map((wave, i) => (
            <WaveRow
              key={i}
              wave={wave}
              at={i}
              of={waves.length}
              devices={preview?.waves.length === waves.length ? preview.waves[i]!.devices : null}
              isOpen={open === i}
              onOpen={(isOpen) => setOpen(isOpen ? i : null)}
              onChange={(next) => set(waves.with(i, next))}
              onMove={(to) => move(i, to)}
              onRemove={() => {
                set(waves.toSpliced(i, 1))
                setOpen(null)
              }}
              onDrag={() => drag(i)}
              onDrop={() => {
                if (dragged !== null) move(dragged, i)
                drag(null)
              }}
            />
          ))}
        </ol>
      </At>
      <div className={styles.wavesFoot}>
        <Button leftSection={<IconPlus size={14} />} onClick={() => set(withWave(waves))} disabled={waves.length >= MOST_WAVES}>
          Add a wave
        </Button>
        <Stratify waves={waves} onWaves={set} />
      </div>
    </Part>
  )
}

/** Waves of a size are spread over the values of attributes, so that a canary is not all of one site. */
function Stratify({ waves, onWaves }: { waves: readonly WavePlan[]; onWaves(waves: WavePlan[]): void }) {
  const attributes = useQuery('devices.attributes', {}).data ?? []
  const sized = waves.filter(({ size }) => size.kind === 'count' || size.kind === 'percent')
  if (sized.length === 0) return null
  const tags = sized[0]!.stratify
  return (
    <TagsInput
      size="xs"
      label="Spread over"
      placeholder={tags.length === 0 ? 'Nothing: by hash alone' : ''}
      value={tags}
      maxTags={4}
      clearable={false}
      onChange={(stratify) =>
        onWaves(waves.map((wave) => (wave.size.kind === 'count' || wave.size.kind === 'percent' ? { ...wave, stratify } : wave)))
      }
      data={attributes.filter(({ type }) => type === 'text').map(({ attribute }) => attribute)}
      comboboxProps={{ transitionProps: { duration: 0 } }}
      className={styles.spread}
    />
  )
}

/** Values of the label `site` among the devices that the query selects. */
function useSites(query: string): string[] {
  const cells = useQuery('devices.cells', { query, by: 'site' }, { keepsPrevious: true }).data
  return cells?.groups.flatMap(({ site }) => (site === null ? [] : [site])) ?? []
}
