import { useLink } from './link-context.ts'

/** Has a password hashed and gets the ticket that a command carries in its place. @throws Problem `people.password-weak`, `access.wrong-password` */
export function usePasswordTicket(): (of: { password: string; name: string; current?: string }) => Promise<string> {
  const link = useLink()
  return async (of) => (await link.call('access.preparePassword', of)).ticket
}
