<?php
/** Ids of this process, from the kernel: they need no PHP extension. */
function identity(): array
{
    $status = file_get_contents('/proc/self/status');
    preg_match('/^Uid:\s+(\d+)/m', $status, $uid);
    preg_match('/^Gid:\s+(\d+)/m', $status, $gid);
    return ['uid' => (int) $uid[1], 'gid' => (int) $gid[1]];
}

function escape(string $text): string
{
    return htmlspecialchars($text, ENT_QUOTES | ENT_SUBSTITUTE, 'UTF-8');
}

function page(string $title, callable $body): void
{
    header('Content-Type: text/html; charset=utf-8');
    $name = strtok($_SERVER['SERVER_NAME'], '.');
    $colour = $name === 'green' ? '#1d7a46' : '#2456b8';
    $icon = "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'><circle cx='8' cy='8' r='7' fill='$colour'/></svg>"; ?>
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title><?= escape("$title · $name") ?></title>
<link rel="icon" href="data:image/svg+xml,<?= rawurlencode($icon) ?>">
<style>
:root { --site: <?= $colour ?>; color-scheme: light }
* { box-sizing: border-box }
body { font: 17px/1.6 system-ui, sans-serif; margin: 0; background: #f3f4f6; color: #1f2430 }
header { background: var(--site); color: #fff }
header nav, main { max-width: 46rem; margin: 0 auto; padding: 0 1.25rem }
header nav { display: flex; gap: 1.5rem; align-items: center; height: 3.5rem }
header a { color: #fff; text-decoration: none; opacity: .85 }
header a:hover { opacity: 1; text-decoration: underline }
header a:first-child { font-weight: 600; opacity: 1; margin-right: auto }
main { padding-top: 1.5rem; padding-bottom: 3rem }
h1 { font-size: 1.9rem; line-height: 1.25; margin: .5rem 0 1rem }
a { color: var(--site) }
form, table, article { background: #fff; border-radius: 10px; box-shadow: 0 1px 3px rgb(0 0 0 / .12) }
table { border-collapse: collapse; width: 100%; margin-top: 1.5rem }
th, td { text-align: left; vertical-align: top; padding: .7rem 1.1rem }
tr + tr { border-top: 1px solid #e6e8ec }
th { width: 8rem; color: #5a6272; font-weight: 600 }
.lead { font-size: 1.25rem; margin: 0 }
.lead b { color: var(--site) }
.note { background: #fff3c9; border-radius: 10px; padding: .7rem 1.1rem }
form { padding: 1.25rem }
label { display: block; margin-bottom: 1rem; color: #5a6272; font-weight: 600 }
textarea, input { display: block; font: inherit; color: #1f2430; width: 100%; padding: .5rem .7rem; margin-top: .25rem; border: 1px solid #c6cad3; border-radius: 6px }
textarea:focus, input:focus { outline: 2px solid var(--site); outline-offset: -1px; border-color: transparent }
button { font: inherit; font-weight: 600; color: #fff; background: var(--site); border: 0; border-radius: 6px; padding: .55rem 1.4rem; cursor: pointer }
article { border-left: 4px solid var(--site); padding: .9rem 1.1rem; margin-top: 1rem; overflow-wrap: anywhere }
article p { margin: 0 0 .4rem }
small { color: #667 }
</style>
</head>
<body>
<header><nav><a href="/"><?= escape($name) ?></a><a href="/">Identity</a><a href="/guestbook.php">Guestbook</a></nav></header>
<main>
<h1><?= escape($title) ?></h1>
<?php $body(); ?>
</main>
</body>
</html>
<?php }
