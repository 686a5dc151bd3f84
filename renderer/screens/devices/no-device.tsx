import { Button } from '@mantine/core'
import { Link as RouteLink } from 'wouter'
import { EmptyState } from '../../components/answered.tsx'
import { paths } from '../../data/paths.ts'
import { nearestIn } from './device-words.ts'

/** There is no such device: what was meant, as far as the core can tell. */
export function NoDevice({ problem }: { problem: { message: string } }) {
  const near = nearestIn(problem.message)
  return (
    <EmptyState
      title={problem.message}
      actions={
        <>
          {near !== null && (
            <Button component={RouteLink} href={paths.device(near)} variant="filled">
              Open {near}
            </Button>
          )}
          <Button component={RouteLink} href={paths.devices()}>
            Show all devices
          </Button>
        </>
      }
    >
      It may have been taken out of the fleet, or the link is of another fleet.
    </EmptyState>
  )
}
