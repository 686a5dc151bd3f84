import type { OutputOf } from '../../../../shared/rpc/contract.ts'
import { Facts } from '../../../components/facts.tsx'

/** Where files of keys were written. */
export function WrittenKeys({ written }: { written: OutputOf<'keys.create'>['written'] }) {
  return (
    <Facts
      rows={written.map(({ label, file }) => [
        label,
        <span key={file} className="mono">
          {file}
        </span>,
      ])}
    />
  )
}
