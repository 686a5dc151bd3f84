import { Button, Group, Modal, Stack, TextInput } from '@mantine/core'
import { useState } from 'react'

/** Asks before something that cannot be undone: says what will happen, and the button names it. With `typed` the person writes that word first. */
export function Confirm({
  isOpen,
  title,
  children,
  action,
  dismiss = 'Cancel',
  typed,
  isReady: isGiven = true,
  isBusy = false,
  isDangerous = true,
  onConfirm,
  onClose,
}: {
  isOpen: boolean
  title: string
  children: React.ReactNode
  /** The verb on the button, such as "Remove 3 devices". */
  action: string
  /** The word on the other button, where "Cancel" would be read as the action. */
  dismiss?: string
  typed?: string
  /** False while what is asked for in the dialog is missing. */
  isReady?: boolean
  isBusy?: boolean
  isDangerous?: boolean
  onConfirm(): void
  onClose(): void
}) {
  const [written, setWritten] = useState('')
  const isReady = isGiven && (typed === undefined || written.trim() === typed)
  return (
    <Modal opened={isOpen} onClose={onClose} title={title} size="md">
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (isReady && !isBusy) onConfirm()
        }}
      >
        <Stack gap="sm">
          <div>{children}</div>
          {typed !== undefined && (
            <TextInput
              label={`Write ${typed} to go on`}
              value={written}
              onChange={(event) => setWritten(event.currentTarget.value)}
              data-autofocus
            />
          )}
          <Group justify="flex-end" gap="xs">
            <Button onClick={onClose}>{dismiss}</Button>
            <Button
              type="submit"
              variant="filled"
              {...(isDangerous ? { color: 'red.9' } : {})}
              disabled={!isReady}
              loading={isBusy}
              data-autofocus={typed === undefined || undefined}
            >
              {action}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
