<?php
require __DIR__ . '/page.inc.php';

const FOLDER = __DIR__ . '/entries';
const LONGEST = 2000;

/** The first characters of a text, whole ones: cutting bytes would break UTF-8. */
function first(string $text, int $length): string
{
    return preg_match("/^.{0,$length}/su", $text, $match) ? $match[0] : '';
}

if ($_SERVER['REQUEST_METHOD'] === 'POST') {
    $text = trim((string) ($_POST['text'] ?? ''));
    $author = trim((string) ($_POST['author'] ?? '')) ?: 'somebody';
    if ($text !== '') {
        if (!is_dir(FOLDER)) {
            mkdir(FOLDER, 0700);
        }
        $entry = ['author' => first($author, 100), 'text' => first($text, LONGEST), 'time' => time()];
        file_put_contents(sprintf('%s/%s-%s.json', FOLDER, microtime(true), bin2hex(random_bytes(4))), json_encode($entry));
    }
    header('Location: /guestbook.php', true, 303);
    exit;
}

page('Guestbook', function () { ?>
<form method="post">
<label>Name <input name="author" maxlength="100"></label>
<label>Message <textarea name="text" rows="4" maxlength="<?= LONGEST ?>" required></textarea></label>
<button>Write</button>
</form>
<?php
    foreach (array_reverse(glob(FOLDER . '/*.json') ?: []) as $file) {
        $entry = json_decode((string) file_get_contents($file), true);
        $owner = fileowner($file); ?>
<article>
<p><?= nl2br(escape($entry['text'])) ?></p>
<small><?= escape($entry['author']) ?>, <?= date('Y-m-d H:i', $entry['time']) ?> (a file of uid <?= $owner ?>)</small>
</article>
<?php }
});
