import { moneyText } from '../../../../shared/domain/money.ts'
import { wireText } from '../../../components/wire-text.ts'
import { useQuery } from '../../../data/use-query.ts'

/** What it takes to send a version to the whole fleet as it is now: bytes on the wire, and money by the price sheet. */
export function SendingCost({ model, version }: { model: string; version: string }) {
  const { data, error } = useQuery('costs.forecast', { model, version })
  if (data === undefined) return <span className="dim">{error === null ? '' : 'unknown'}</span>
  if (data.devices === 0) return <span className="dim">no devices</span>
  return `${wireText(data.bytes)}, ${moneyText(data.money, data.currency)}`
}
