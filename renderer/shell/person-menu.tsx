import { Button, Menu } from '@mantine/core'
import { IconUserCircle } from '@tabler/icons-react'
import { useLocation } from 'wouter'
import { useSignOut } from '../data/use-sign-out.ts'
import { useQuery } from '../data/use-query.ts'

/** Who the person is, with what role, and the way out. Without accounts there is nobody to name. */
export function PersonMenu() {
  const access = useQuery('access.show', {}).data
  const [, go] = useLocation()
  const signOut = useSignOut()
  if (access === undefined || !access.isGuarded) return null
  const { account, actor, role } = access.caller
  const name = account?.displayName ?? actor
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button variant="subtle" leftSection={<IconUserCircle size={18} aria-hidden="true" />} aria-label={`${name}, ${role}`}>
          <span className="foreign">{name}</span>&nbsp;<span className="dim">{role}</span>
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => go('/settings?tab=account')}>Your account</Menu.Item>
        <Menu.Item onClick={() => void signOut.run(false)}>Sign out</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
