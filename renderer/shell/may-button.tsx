import { Button, Menu, Tooltip, type ButtonProps, type MenuItemProps } from '@mantine/core'
import type { ComponentPropsWithoutRef } from 'react'
import { Link as RouteLink } from 'wouter'
import type { MethodName } from '../../shared/rpc/contract.ts'
import { useMay } from '../data/use-may.ts'

/** The method that a control calls in the end. */
interface OfMethod {
  method: MethodName
}

type OwnProps<Props> = Props & Omit<ComponentPropsWithoutRef<'button'>, keyof Props>

/** A button that calls a method, or leads to where it is called: disabled, with a word why, for people whose role is not enough for it. */
export function MayButton({ method, href, disabled, ...props }: OwnProps<ButtonProps> & OfMethod & { href?: string }) {
  const why = useMay(method)
  if (why === null) {
    return href === undefined || disabled === true ? (
      <Button {...props} disabled={disabled === true} />
    ) : (
      <Button {...(props as ButtonProps)} component={RouteLink} href={href} />
    )
  }
  return (
    <Tooltip label={why}>
      {/* A disabled button gets no pointer events: what stands around it tells why. */}
      <span title={why}>
        <Button {...props} disabled />
      </span>
    </Tooltip>
  )
}

/** The same in a menu: the reason stands under the words. */
export function MayMenuItem({ method, disabled, children, ...props }: OwnProps<MenuItemProps> & OfMethod) {
  const why = useMay(method)
  return (
    <Menu.Item {...props} disabled={disabled === true || why !== null}>
      {children}
      {why !== null && <div className="dim">{why}</div>}
    </Menu.Item>
  )
}
