/** Names of the sites' services: `files`, `cgi`, `php`, and one for each `[handler.NAME]`. */

/** itk's names are short, and a file's: the handler's position stands for its name. */
export function handlerService(index: number): string {
  return `h${index}`;
}

/** A service's name for messages. @param handlers of the service's site */
export function showService(service: string, handlers: readonly { readonly name: string }[]): string {
  const index = /^h(\d+)$/.exec(service)?.[1];
  const handler = index === undefined ? undefined : handlers[Number(index)];
  return handler === undefined ? service : `handler.${handler.name}`;
}
