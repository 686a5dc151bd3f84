import { ActionIcon, Menu, Tooltip } from '@mantine/core'
import { IconColumns3 } from '@tabler/icons-react'
import type { Column } from './column.ts'
import type { ColumnLayout } from './use-columns.ts'

/** Chooses the columns of a grid. */
export function ColumnsMenu<Row>({ columns, layout }: { columns: readonly Column<Row>[]; layout: ColumnLayout<Row> }) {
  return (
    <Menu closeOnItemClick={false} position="bottom-end">
      {/* The menu takes its name from its target, which the tooltip therefore stands around. */}
      <Tooltip label="Columns">
        <Menu.Target>
          <ActionIcon aria-label="Columns">
            <IconColumns3 size={16} />
          </ActionIcon>
        </Menu.Target>
      </Tooltip>
      <Menu.Dropdown>
        {columns.map((column) => (
          <Menu.CheckboxItem key={column.id} checked={layout.isShown(column)} onChange={() => layout.toggle(column)}>
            {column.title}
          </Menu.CheckboxItem>
        ))}
        <Menu.Divider />
        <Menu.Item onClick={layout.reset}>Reset columns</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
