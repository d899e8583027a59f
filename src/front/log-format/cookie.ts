/** First value of a cookie among Cookie fields (RFC 6265, section 4.2.1); undefined: it was not sent. */
export function findCookie(field: string, name: string): string | undefined {
  for (const pair of field.split(';')) {
    const equals = pair.indexOf('=');
    // Apache's mod_log_config compares without regard to case.
    if (equals !== -1 && pair.slice(0, equals).trim().toLowerCase() === name.toLowerCase())
      return pair.slice(equals + 1).trim();
  }
  return undefined;
}
