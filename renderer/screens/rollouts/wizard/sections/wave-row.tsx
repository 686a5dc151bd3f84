import { ActionIcon, Select, TextInput, Tooltip } from '@mantine/core'
import { IconArrowDown, IconArrowUp, IconGripVertical, IconTrash } from '@tabler/icons-react'
import { useId } from 'react'
import { plural } from '../../../../components/format.ts'
import { QueryBox } from '../../../../components/query-box.tsx'
import type { WavePlan, WaveSize } from '../../../../../shared/domain/rollout/plan.ts'
import { At } from '../fields/findings.tsx'
import { NumberField } from '../fields/number-field.tsx'
import { gateWords } from '../plan/plan-words.ts'
import { freshSize } from '../plan/wave-presets.ts'
import { GateFields } from './gate-fields.tsx'
import styles from '../wizard.module.css'

const sizeKinds: Record<WaveSize['kind'], string> = {
  count: 'devices',
  percent: 'up to %',
  query: 'by query',
  rest: 'the rest',
}

/** One wave: how its devices are found, what it is called, and what the next one waits for. */
export function WaveRow({
  wave,
  at,
  of,
  devices,
  isOpen,
  onOpen,
  onChange,
  onMove,
  onRemove,
  onDrag,
  onDrop,
}: {
  wave: WavePlan
  at: number
  of: number
  /** Devices that the preview found for it; null: not known yet. */
  devices: number | null
  isOpen: boolean
  onOpen(isOpen: boolean): void
  onChange(wave: WavePlan): void
  onMove(to: number): void
  onRemove(): void
  onDrag(): void
  onDrop(): void
}) {
  const id = useId()
  const place = `waves[${at}]`
  const name = `Wave ${at + 1}`
  return (
    <li className={styles.wave} onDragOver={(event) => event.preventDefault()} onDrop={onDrop} aria-label={name}>
      <At place={`${place}.size`} isWhole>
        <div className={styles.waveLine}>
          <span className={styles.grip} draggable={of > 1} onDragStart={onDrag} aria-hidden="true" title="Drag to another place">
            <IconGripVertical size={14} />
            {at + 1}
          </span>
          <Select
            aria-label={`${name}: how its devices are found`}
            value={wave.size.kind}
            allowDeselect={false}
            w={104}
            data={Object.entries(sizeKinds).map(([value, label]) => ({ value, label }))}
            onChange={(kind) => {
              const next = (Object.keys(sizeKinds) as WaveSize['kind'][]).find((one) => one === kind)
              if (next !== undefined && next !== wave.size.kind) onChange({ ...wave, size: freshSize(next) })
            }}
          />
          <SizeField size={wave.size} place={`${place}.size`} name={name} onSize={(size) => onChange({ ...wave, size })} />
          <TextInput
            aria-label={`${name}: name`}
            placeholder="Name"
            value={wave.name}
            maxLength={64}
            className={styles.waveName}
            onChange={(event) => onChange({ ...wave, name: event.currentTarget.value })}
          />
          <span className={styles.waveCount}>{devices === null ? '' : plural(devices, 'device')}</span>
          <MoveButtons name={name} at={at} of={of} onMove={onMove} onRemove={onRemove} />
        </div>
        {wave.size.kind === 'query' && (
          <QueryBox
            value={wave.size.query}
            onChange={(query) => onChange({ ...wave, size: { kind: 'query', query } })}
            label={`${name}: query`}
            placeholder="site = lyon"
            hasTotal={false}
          />
        )}
      </At>
      <At place={`${place}.gate`} isWhole={!isOpen}>
        <button type="button" className={styles.gate} aria-expanded={isOpen} aria-controls={id} onClick={() => onOpen(!isOpen)}>
          <span className="dim">{at === of - 1 ? 'Ends when' : 'Gate'}</span> {gateWords(wave.gate)}
          <span className={styles.gateEdit}>{isOpen ? 'Close' : 'Change'}</span>
        </button>
        <div id={id} hidden={!isOpen}>
          {isOpen && <GateFields gate={wave.gate} place={`${place}.gate`} onChange={(gate) => onChange({ ...wave, gate })} />}
        </div>
      </At>
    </li>
  )
}

function SizeField({ size, place, name, onSize }: { size: WaveSize; place: string; name: string; onSize(size: WaveSize): void }) {
  if (size.kind === 'count')
    return (
      <NumberField
        label={`${name}: devices`}
        isBare
        place={place}
        value={size.devices}
        isWhole
        min={1}
        max={1_000_000}
        width={72}
        onChange={(devices) => onSize({ kind: 'count', devices })}
      />
    )
  if (size.kind === 'percent')
    return (
      <NumberField
        label={`${name}: percent of the target, with the waves before`}
        isBare
        place={place}
        value={size.percent}
        min={0.01}
        max={100}
        suffix=" %"
        width={72}
        onChange={(percent) => onSize({ kind: 'percent', percent })}
      />
    )
  return <span className={styles.noSize} />
}

function MoveButtons({
  name,
  at,
  of,
  onMove,
  onRemove,
}: {
  name: string
  at: number
  of: number
  onMove(to: number): void
  onRemove(): void
}) {
  return (
    <span className={styles.waveActs}>
      <Tooltip label="Earlier">
        <ActionIcon size={24} aria-label={`${name}: earlier`} disabled={at === 0} onClick={() => onMove(at - 1)}>
          <IconArrowUp size={14} />
        </ActionIcon>
      </Tooltip>
      <Tooltip label="Later">
        <ActionIcon size={24} aria-label={`${name}: later`} disabled={at === of - 1} onClick={() => onMove(at + 1)}>
          <IconArrowDown size={14} />
        </ActionIcon>
      </Tooltip>
      <Tooltip label="Remove">
        <ActionIcon size={24} aria-label={`${name}: remove`} disabled={of === 1} onClick={onRemove}>
          <IconTrash size={14} />
        </ActionIcon>
      </Tooltip>
    </span>
  )
}
