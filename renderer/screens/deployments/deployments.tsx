import { IconRocket, IconUsb } from '@tabler/icons-react'
import { useState } from 'react'
import { z } from 'zod'
import { CopyAsCommand, shellWord } from '../../components/copy.tsx'
import { Screen } from '../../components/screen.tsx'
import { paths } from '../../data/paths.ts'
import { useUrlState } from '../../data/url-state.ts'
import { orderStates } from '../../../shared/rpc/contract/orders.ts'
import { DeploymentTable } from './deployment-table.tsx'
import { OrderList } from './order-list.tsx'
import { TakeBackDialog, type TakeBack } from './take-back.tsx'
import { MayButton } from '../../shell/may-button.tsx'

const view = z.object({
  deployment: z.string().max(64).default(''),
  model: z.string().max(64).default(''),
  state: z.enum(['any', ...orderStates]).default('any'),
})
/** What the list of orders is narrowed to. */
export type OrderFilter = z.output<typeof view>

/** What is deployed where, and below it every order that led there. */
export function Deployments() {
  const [filter, change] = useUrlState(view)
  const [asked, ask] = useState<TakeBack | null>(null)
  return (
    <Screen
      title="Deployments"
      isFlush
      actions={
        <>
          <CopyAsCommand command={ordersCommand(filter)} isIcon />
          <MayButton method="carry.export" href={paths.carry} leftSection={<IconUsb size={14} />}>
            Carry by USB
          </MayButton>
          <MayButton method="deployments.apply" href={paths.deploy()} variant="filled" leftSection={<IconRocket size={14} />}>
            New deployment
          </MayButton>
        </>
      }
    >
      <DeploymentTable chosen={filter.deployment} onChoose={(deployment) => change({ deployment })} />
      <OrderList filter={filter} onFilter={change} onTakeBack={ask} />
      <TakeBackDialog asked={asked} onClose={() => ask(null)} />
    </Screen>
  )
}

/** The orders on screen as a line of a shell. */
function ordersCommand({ state, deployment, model }: OrderFilter): string {
  const flags = [
    ...(state === 'any' ? [] : [`--state ${state}`]),
    ...(deployment === '' ? [] : [`--deployment ${shellWord(deployment)}`]),
    ...(model === '' ? [] : [`--model ${shellWord(model)}`]),
  ]
  return ['npm run -s muster -- orders list', ...flags].join(' ')
}
