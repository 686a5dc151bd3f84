import { Button, Group, Text } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import type { Problem } from '../../shared/domain/problem.ts'

const UNDO_WITHIN_MS = 10_000

/** Tells that something was done; with `undo` it can be taken back for ten seconds. */
export function showDone(message: string, options: { undo?: () => void } = {}): void {
  const { undo } = options
  const id = crypto.randomUUID()
  notifications.show({
    id,
    autoClose: undo === undefined ? 5000 : UNDO_WITHIN_MS,
    color: 'blue',
    withCloseButton: true,
    closeButtonProps: { 'aria-label': 'Close notice' },
    message:
      undo === undefined ? (
        message
      ) : (
        <Group justify="space-between" wrap="nowrap">
          <Text size="sm">{message}</Text>
          <Button
            onClick={() => {
              notifications.hide(id)
              undo()
            }}
          >
            Undo
          </Button>
        </Group>
      ),
  })
}

/** Tells what failed, what was kept and what to do. It stays until it is closed. */
export function showProblem(problem: Problem): void {
  notifications.show({
    // The same failure again replaces the notice of the first.
    id: problem.code,
    autoClose: false,
    color: 'red',
    withCloseButton: true,
    closeButtonProps: { 'aria-label': 'Close notice' },
    role: 'alert',
    title: problem.message,
    message: (
      <>
        {problem.hint} <span className="mono dim">{problem.code}</span>
      </>
    ),
  })
}
