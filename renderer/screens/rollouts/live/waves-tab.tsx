import { useElementSize, useViewportSize } from '@mantine/hooks'
import { useEffect, useRef } from 'react'
import type { RolloutDetail, WaveView } from '../../../../shared/rpc/contract/rollouts.ts'
import type { ChangeRolloutView, RolloutView } from './rollout-view.ts'
import { GateSection } from './gate-section.tsx'
import { RolloutFacts } from './rollout-facts.tsx'
import { NarrowWave, WaveColumn } from './wave-column.tsx'
import { shownWave } from './shown-wave.ts'
import { WaveSteps } from './wave-steps.tsx'
import { WaveTimes } from './wave-times.tsx'
import styles from './waves.module.css'

/** A column with cells and a gate needs so much; the chosen one gets more. */
const COLUMN_PX = 168
/** Cells fill a column up to this height; in a low window the gates below are to be seen as well. */
const CELLS_PX = { high: 168, low: 92 } as const
/** Up to so many waves each have room for a number. */
const NUMBERED = 24
/** Windows below this height are low. */
const LOW_PX = 800

/** Of many waves every fifth has its number: there is no room for all. */
function isNumbered(wave: number, waves: number): boolean {
  return waves <= NUMBERED || wave === 0 || (wave + 1) % 5 === 0
}

/** The shown wave is the widest column. */
function columnsOf(views: readonly WaveView[], shown: WaveView | undefined): string {
  return views.map((one) => (one === shown ? 'minmax(220px, 1.6fr)' : 'minmax(150px, 1fr)')).join(' ')
}

/** Waves from left to right, filling up, each with its gate; under them the gate of one wave with all of its evidence. */
export function WavesTab({
  shown,
  view,
  onView,
  onLetThrough,
}: {
  shown: RolloutDetail
  view: RolloutView
  onView: ChangeRolloutView
  onLetThrough(wave: number): void
}) {
  const { ref, width } = useElementSize()
  const strip = useRef<HTMLDivElement>(null)
  const { waveViews } = shown
  const wave = shownWave(waveViews, view.wave)
  const { height } = useViewportSize()
  const maxHeight = height > 0 && height < LOW_PX ? CELLS_PX.low : CELLS_PX.high
  const isNarrow = waveViews.length * COLUMN_PX > Math.max(width, 600)
  useEffect(() => {
    // With many waves the one that is shown may stand outside the window.
    const [box, chosen] = [strip.current, strip.current?.querySelector<HTMLElement>('[data-chosen]')]
    if (box != null && chosen != null) box.scrollLeft = chosen.offsetLeft - (box.clientWidth - chosen.offsetWidth) / 2
  }, [wave?.wave, isNarrow])
  const choose = (one: WaveView): void => onView({ wave: one.wave + 1 })
  const open = (device: string): void => onView({ device })
  return (
    <div ref={ref} className={styles.tab}>
      {isNarrow && wave !== undefined && <WaveSteps of={shown} wave={wave.wave} onChoose={(next) => onView({ wave: next + 1 })} />}
      <div
        ref={strip}
        className={isNarrow ? styles.narrowStrip : styles.strip}
        style={isNarrow ? {} : { gridTemplateColumns: columnsOf(waveViews, wave) }}
        role="group"
        aria-label="Waves"
      >
        {waveViews.map((one) =>
          isNarrow && one !== wave ? (
            <NarrowWave
              key={one.wave}
              of={shown}
              view={one}
              isNumbered={isNumbered(one.wave, waveViews.length)}
              onChoose={() => choose(one)}
            />
          ) : (
            <WaveColumn
              key={one.wave}
              of={shown}
              view={one}
              isChosen={one === wave}
              maxHeight={maxHeight}
              onChoose={() => choose(one)}
              onDevice={open}
            />
          ),
        )}
      </div>
      {wave !== undefined && <GateSection shown={shown} view={wave} onLetThrough={onLetThrough} />}
      <WaveTimes shown={shown} />
      <RolloutFacts shown={shown} />
    </div>
  )
}
