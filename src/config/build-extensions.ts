/** `Extensions` of `[php]`. */
import type { Effective } from './defaults.ts';
import type { ExtensionList } from './model.ts';
import { type Problems, showPlace } from './problems.ts';

const EXTENSION = /^[A-Za-z0-9_]+$/;

/** @returns null when it is not set */
export function buildExtensions({ own }: Effective, cwd: string, problems: Problems): ExtensionList | null {
  const items = own.items('Extensions', 'php');
  if (items.length === 0) return null;
  for (const { place, value } of items) {
    if (!EXTENSION.test(value as string))
      problems.error(place, 'Extensions', `"${value as string}" is not the name of a PHP extension`);
  }
  const place = own.place('Extensions', 'php');
  const names = new Set(items.map(({ value }) => (value as string).toLowerCase()));
  if (names.delete('none') && names.size > 0) problems.error(place, 'Extensions', 'none stands alone');
  return { names: [...names], where: showPlace(place, cwd) };
}
