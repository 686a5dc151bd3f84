import { ActionIcon, Select } from '@mantine/core'
import { IconChevronLeft, IconChevronRight } from '@tabler/icons-react'
import { formatCount } from '../../../components/format.ts'
import type { WaveView } from '../../../../shared/rpc/contract/rollouts.ts'
import { waveMarks, waveTitle } from './rollout-words.ts'
import styles from './waves.module.css'

/** Leads from wave to wave where there are so many that their bars are too narrow to be hit. @param onChoose told the wave, from 0 */
export function WaveSteps({ views, wave, onChoose }: { views: readonly WaveView[]; wave: number; onChoose(wave: number): void }) {
  return (
    <div className={styles.steps} role="group" aria-label="Choose a wave">
      <ActionIcon aria-label="Wave before" disabled={wave === 0} onClick={() => onChoose(wave - 1)}>
        <IconChevronLeft size={16} />
      </ActionIcon>
      <Select
        aria-label="Wave"
        w={260}
        value={String(wave)}
        allowDeselect={false}
        searchable
        onChange={(value) => onChoose(Number(value ?? wave))}
        data={views.map((one) => ({
          value: String(one.wave),
          label: `${waveTitle(one)}: ${waveMarks[one.state].word}, ${formatCount(one.committed)} of ${formatCount(one.targeted)}`,
        }))}
      />
      <ActionIcon aria-label="Wave after" disabled={wave === views.length - 1} onClick={() => onChoose(wave + 1)}>
        <IconChevronRight size={16} />
      </ActionIcon>
    </div>
  )
}
