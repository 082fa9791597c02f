"""Every error this package raises on purpose: typed, numbered, with the next step in the message.

TurkicError
├── T1xx  scripts, languages, tokenization
├── T2xx  pieces and batches
├── T3xx  corpora and CoNLL-U
├── T4xx  models, encoder, heads
├── T5xx  training and pre-training
└── T6xx  files, command line, environment
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import ClassVar


@dataclass(eq=False)
class TurkicError(Exception):
    """Base of all errors: a subclass is a code, a message template and the fields that fill it."""

    code: ClassVar[str] = "T000"
    message: ClassVar[str] = ""

    def __post_init__(self) -> None:
        super().__init__(*(getattr(self, field.name) for field in fields(self)))

    def __str__(self) -> str:
        return f"[{self.code}] {self.message.format_map(vars(self))}"


# --- T1xx: scripts, languages, tokenization ---------------------------------------------------


@dataclass(eq=False)
class UnknownLanguage(TurkicError, ValueError):
    """A language code that the package has no tables for."""

    code = "T101"
    message = "No language {lang!r}. Known: {known}."

    lang: str
    known: str


@dataclass(eq=False)
class UnknownAlphabet(TurkicError, ValueError):
    """A script or alphabet that the language has no transliteration table for."""

    code = "T102"
    message = "No alphabet {alphabet!r} for language {lang!r}. Known: {known}."

    lang: str
    alphabet: str
    known: str


@dataclass(eq=False)
class NoConversion(TurkicError, ValueError):
    """Two alphabets of one language that no chain of tables connects."""

    code = "T103"
    message = "No way from {source!r} to {target!r} for language {lang!r}. Alphabets with tables: {known}."

    lang: str
    source: str
    target: str
    known: str


@dataclass(eq=False)
class BrokenTable(TurkicError, ValueError):
    """An alphabet table that does not follow the format."""

    code = "T104"
    message = (
        "{path}: {met} does not follow the table format: columns source, target, context (with _), lossy."
    )

    path: str
    met: str


@dataclass(eq=False)
class BadTables(TurkicError, ValueError):
    """Tables of a language that another package adds, which cannot be found or read."""

    code = "T105"
    message = "{path}: {reason}. Expected {expected}."

    path: str
    reason: str
    expected: str


@dataclass(eq=False)
class LoneSurrogate(TurkicError, ValueError):
    """A text with half of a UTF-16 pair: no UTF-8 for it exists, and a Doc stores UTF-8."""

    code = "T150"
    message = (
        "Character {position} of the text is {code_point}, half of a UTF-16 pair, which no Doc can hold. "
        "Read the file again with errors='replace', or drop it: text.encode('utf-8', 'replace').decode()."
    )

    code_point: str
    position: int


# --- T2xx: pieces and batches -----------------------------------------------------------------


# --- T3xx: corpora and CoNLL-U ----------------------------------------------------------------


@dataclass(eq=False)
class ConlluError(TurkicError, ValueError):
    """Base of what can be wrong with a CoNLL-U file: every one names the file and the line."""

    path: str
    line: int


@dataclass(eq=False)
class WrongColumns(ConlluError):
    """A line that is neither blank, nor a comment, nor ten columns."""

    code = "T301"
    message = "{path}:{line}: {found} column(s), not the 10 of CoNLL-U separated by single tabs: {text!r}."

    found: int
    text: str


@dataclass(eq=False)
class EmptyColumn(ConlluError):
    """A column without a character."""

    code = "T302"
    message = "{path}:{line}: column {column} is empty. Write _ for an unknown value."

    column: str


@dataclass(eq=False)
class BadWordId(ConlluError):
    """A word id that is no number, range or empty node, or comes out of order."""

    code = "T303"
    message = (
        "{path}:{line}: id {found!r} cannot follow {previous}. Words count 1, 2, 3; "
        "a range 3-4 stands before word 3; an empty node 3.1 after it."
    )

    found: str
    previous: str


@dataclass(eq=False)
class BadHead(ConlluError):
    """A HEAD that is no word of the sentence."""

    code = "T304"
    message = "{path}:{line}: word {word} has HEAD {found!r}; expected _, 0 or another word from 1 to {last}."

    word: str
    found: str
    last: int


@dataclass(eq=False)
class MissingBlankLine(ConlluError):
    """A new sentence begins right after the last one."""

    code = "T305"
    message = "{path}:{line}: a new sentence starts here without a blank line before it: {text!r}."

    text: str


@dataclass(eq=False)
class SentenceWithoutWords(ConlluError):
    """Comments that no word follows."""

    code = "T306"
    message = "{path}:{line}: comments without words. Remove them, or the blank line that follows."


@dataclass(eq=False)
class BlankLineHere(ConlluError):
    """A blank line before the first sentence."""

    code = "T307"
    message = "{path}:{line}: a blank line before the first sentence. Remove it."


@dataclass(eq=False)
class NotUtf8(ConlluError):
    """Bytes that are not UTF-8."""

    code = "T308"
    message = "{path}:{line}: byte {byte} is not UTF-8. Convert the file, for example with iconv."

    byte: str


@dataclass(eq=False)
class MixedNewlines(ConlluError):
    """One sentence with both kinds of line ends."""

    code = "T309"
    message = "{path}:{line}: LF and CRLF in one sentence. Use one kind of line end."


@dataclass(eq=False)
class UnreadableFile(TurkicError, OSError):
    """A file that is missing, not permitted, or whose gzip stream is broken."""

    code = "T310"
    message = "Cannot read {path}: {reason}."

    path: str
    reason: str


@dataclass(eq=False)
class WordsDiffer(TurkicError, ValueError):
    """A Doc that was not made from the sentence it should fill."""

    code = "T311"
    message = (
        "Sentence {sentence} has {expected} words and the Doc {found} tokens, or their forms differ. "
        'Make the Doc with to_doc(sentence, vocab, words="syntactic").'
    )

    sentence: str
    expected: int
    found: int


@dataclass(eq=False)
class UnwritableForm(TurkicError, ValueError):
    """A token that CoNLL-U cannot hold."""

    code = "T312"
    message = (
        "Token {index} is {form!r}: a CoNLL-U form has no tab or newline and is not empty. Split it there."
    )

    index: int
    form: str


@dataclass(eq=False)
class BadFeatures(TurkicError, ValueError):
    """A FEATS column that cannot become a spaCy morphological analysis."""

    code = "T313"
    message = "Sentence {sentence}, word {word}: FEATS is {feats!r}. Expected _ or Name=Value|Name=Value."

    sentence: str
    word: str
    feats: str


@dataclass(eq=False)
class UnknownCorpus(TurkicError, KeyError):
    """A corpus id without a card."""

    code = "T320"
    message = "No corpus {id!r}. Did you mean: {near}?"

    id: str
    near: str


@dataclass(eq=False)
class UnknownSplit(TurkicError, KeyError):
    """A split, or a language of a split, that a corpus does not have."""

    code = "T321"
    message = "Corpus {id} has no split {split!r}. It has: {known}."

    id: str
    split: str
    known: str


@dataclass(eq=False)
class BadCard(TurkicError, ValueError):
    """A card with a missing, unknown or impossible fact."""

    code = "T322"
    message = "Card {path}: {fault}. Correct the card."

    path: str
    fault: str


@dataclass(eq=False)
class SplitUnclear(TurkicError, ValueError):
    """A split that several languages of a corpus have."""

    code = "T323"
    message = "Corpus {id} has split {split!r} in several languages: {languages}. Give one as lang=."

    id: str
    split: str
    languages: str


@dataclass(eq=False)
class NotFetchable(TurkicError, FileNotFoundError):
    """A corpus, or a file of one, without an address from which it may be downloaded."""

    code = "T324"
    message = (
        "Corpus {id} cannot be downloaded from here (access: {access}). See {homepage}; "
        "a folder that has it can be named in TURKIC_NLP_MIRROR."
    )

    id: str
    access: str
    homepage: str


@dataclass(eq=False)
class DownloadFailed(TurkicError, OSError):
    """The network, or the disk, refused."""

    code = "T325"
    message = "Cannot download {url}: {reason}. Try again, or name a mirror folder in TURKIC_NLP_MIRROR."

    url: str
    reason: str


@dataclass(eq=False)
class WrongChecksum(TurkicError, ValueError):
    """A file whose content is not the one that its card describes; it was not opened."""

    code = "T326"
    message = (
        "{path} is not the file of the card (sha256 {found}, expected {expected}) and was not opened. "
        "Delete it and fetch it again."
    )

    path: str
    expected: str
    found: str


@dataclass(eq=False)
class BadRow(TurkicError, ValueError):
    """A line of a table or of an IOB file that does not fit the card."""

    code = "T327"
    message = "{path}: row {row}: {met}. Expected {expected}."

    path: str
    row: int
    met: str
    expected: str


@dataclass(eq=False)
class NoDocs(TurkicError, TypeError):
    """A corpus that has no texts to annotate: word pairs, paradigms, lexica."""

    code = "T328"
    message = "Corpus {id} (reader: {reader}) has no Docs. Use {instead}."

    id: str
    reader: str
    instead: str


@dataclass(eq=False)
class NoPart(TurkicError, ValueError):
    """A sentence of a divided treebank to which the list of parts gives no part."""

    code = "T329"
    message = "Sentence {sent_id!r} of {id} is in no part. Add its document to corpora/splits/{id}.tsv."

    id: str
    sent_id: str


# --- T4xx: models, encoder, heads -------------------------------------------------------------


@dataclass(eq=False)
class UnknownModel(TurkicError, ValueError):
    """A model name that is neither shipped nor a folder."""

    code = "T401"
    message = "No model {name!r}. Shipped: {known}. A path to a folder with meta.json works too."

    name: str
    known: str


@dataclass(eq=False)
class CorruptModel(TurkicError, ValueError):
    """A file of a model is missing, damaged, or does not fit the others."""

    code = "T402"
    message = "{path}: {reason}. Install the package again, or copy the model's folder again."

    path: str
    reason: str


@dataclass(eq=False)
class NoWeights(TurkicError, ValueError):
    """A component was added to a pipeline but never trained or loaded."""

    code = "T403"
    message = (
        "The component {name!r} has no weights yet. Use turkic_nlp.load(lang), spacy.load(folder), "
        "or train it: turkic-nlp train recipe.cfg."
    )

    name: str


@dataclass(eq=False)
class WrongEncoder(TurkicError, ValueError):
    """A checkpoint of an architecture, or with a tokenizer, that cannot be read or adapted."""

    code = "T404"
    message = "{name!r} is of the family {family}. What will do here: {known}."

    name: str
    family: str
    known: str


@dataclass(eq=False)
class NoEncoding(TurkicError, ValueError):
    """A head met a Doc that the encoder has not read."""

    code = "T405"
    message = "The component {name!r} needs word vectors of width {width}, the Doc has {got}. Put `encoder` before it."

    name: str
    width: int
    got: str


# --- T5xx: training and pre-training ----------------------------------------------------------


@dataclass(eq=False)
class BadPrecision(TurkicError, ValueError):
    """A precision that is not there, or not on this device."""

    code = "T406"
    message = "No precision {precision!r} on {device}. Known: {known}; int8 runs on a CPU only."

    precision: str
    device: str
    known: str


@dataclass(eq=False)
class NotInFull(TurkicError, ValueError):
    """An encoder whose weights were reduced was to be written."""

    code = "T407"
    message = (
        "An encoder in fewer bits is not written to disk. Load the pipeline with precision='fp32' to save it."
    )


@dataclass(eq=False)
class BadRecipe(TurkicError, ValueError):
    """A recipe that cannot be read or built."""

    code = "T501"
    message = "{path}: {reason}. A recipe to start from: models/turkic_small/recipe.cfg."

    path: str
    reason: str


@dataclass(eq=False)
class UntrainableCorpus(TurkicError, ValueError):
    """A corpus whose licence keeps weights from learning from it."""

    code = "T502"
    message = "Weights may not learn from {id!r} (licence: {licence}). Take it out of the recipe."

    id: str
    licence: str


@dataclass(eq=False)
class EmptyCorpus(TurkicError, ValueError):
    """Nothing is left to train on."""

    code = "T503"
    message = (
        "Nothing is left of the corpus [corpora.{name}]: {held_out} texts are held out or empty, {repeated} repeated. "
        "Look at its splits, dev, skip_sent_id and [held_out]."
    )

    name: str
    held_out: int
    repeated: int


@dataclass(eq=False)
class NoGlosses(TurkicError, ValueError):
    """A recipe's ``glosses`` that are no word list of the catalog."""

    code = "T522"
    message = (
        "{name!r} has no glosses. The glosses of a corpus are a table of the catalog with the columns form, upos and "
        "gloss, such as project-glosses/ky-kk."
    )

    name: str


@dataclass(eq=False)
class NoNames(TurkicError, ValueError):
    """A recipe's ``names`` that are no list of names of the catalog."""

    code = "T523"
    message = (
        "{name!r} has no names. The names of a head are a table of the catalog with the columns name and class, "
        "such as project-names/kk."
    )

    name: str


@dataclass(eq=False)
class NoText(TurkicError, ValueError):
    """A language of a recipe has no text files, or no sentence in them."""

    code = "T504"
    message = (
        "{folder} has no .txt, .txt.gz or .txt.xz file, or none with a sentence to read. Put text there, or name "
        "another folder in the recipe."
    )

    folder: str


@dataclass(eq=False)
class MissingExtra(TurkicError, ImportError):
    """A feature that needs an optional dependency."""

    code = "T505"
    message = "For {what} install the extra: pip install 'spacy-turkic[{extra}]'."

    what: str
    extra: str


@dataclass(eq=False)
class OtherCheckpoint(TurkicError, ValueError):
    """A checkpoint that is damaged, or of a run with other corpora, heads or sizes."""

    code = "T506"
    message = "{path} is no checkpoint of this recipe ({reason}). Delete it to start anew, or choose another --output."

    path: str
    reason: str


@dataclass(eq=False)
class TooLittleText(TurkicError, ValueError):
    """Raw text that holds fewer pieces than the vocabulary is to have."""

    code = "T508"
    message = (
        "No vocabulary of {size} pieces comes out of this text: {reason}. Set pieces lower, or add text."
    )

    size: int
    reason: str


@dataclass(eq=False)
class UnknownLabel(TurkicError, ValueError):
    """A label in dev data that no training text has: it could be neither learned nor given."""

    code = "T509"
    message = "{path}:{line}: the label {label!r} is in dev but in no training text. Training knows: {known}."

    path: str
    line: int
    label: str
    known: str


@dataclass(eq=False)
class TooFewTexts(TurkicError, ValueError):
    """A dev set too small to tell when to stop."""

    code = "T510"
    message = (
        "Too few texts for dev to tell when to stop: {found}, where {least} are the least. "
        "Add data, give a larger dev set, or --dev-share 0 to train to the end without."
    )

    found: int
    least: int


@dataclass(eq=False)
class NothingToLearn(TurkicError, ValueError):
    """A head whose training texts have none of the annotation that it learns from."""

    code = "T511"
    message = (
        "No training text of the head {name!r} has {needed}, from which a {task} learns. Files of your own hold what "
        "their suffix says: .conllu a treebank; .tsv, .csv and .jsonl classes; every other one entities."
    )

    name: str
    task: str
    needed: str


@dataclass(eq=False)
class BadLora(TurkicError, ValueError):
    """A LoRA adapter that cannot be trained as asked."""

    code = "T550"
    message = "No LoRA adapter can be trained: {reason}. Expected {expected}."

    reason: str
    expected: str


@dataclass(eq=False)
class NoLabelBag(TurkicError, ValueError):
    """Label regularisation for a task whose gold is no bag of labels."""

    code = "T551"
    message = "label_reg does nothing for {task}: it compares texts by their labels. Leave it at 0; it is for {known}."

    task: str
    known: str


@dataclass(eq=False)
class NoCurve(TurkicError, ValueError):
    """Too few sizes, or none with a score, for a curve."""

    code = "T552"
    message = (
        "No curve can be drawn: {reason}. Expected two sizes at least, of at most {texts} texts that the training "
        "files have, and a test file with labels that they have too."
    )

    reason: str
    texts: int


@dataclass(eq=False)
class NothingToKeep(TurkicError, ValueError):
    """A head that should go on from one that the model does not have."""

    code = "T560"
    message = (
        "{folder} has no {task} of the name {name!r} whose labels could be kept. Start from a model that has one, or "
        "without keep."
    )

    name: str
    task: str
    folder: str


@dataclass(eq=False)
class LabelsDiffer(TurkicError, ValueError):
    """Classes or types of entities that the head that should go on does not have."""

    code = "T561"
    message = (
        "The head {name!r} that should go on has no label {unknown}; it has {known}. Rename the labels of the data, "
        "or train without keep."
    )

    name: str
    unknown: str
    known: str


@dataclass(eq=False)
class TeachesNothing(TurkicError, ValueError):
    """Teachers whose labels are not those of the model that should learn from them."""

    code = "T562"
    message = (
        "{teachers} have other labels than the model in all of {heads}. Teach by models of a recipe with the same "
        "corpora, or take [distillation] out of the recipe."
    )

    teachers: str
    heads: str


@dataclass(eq=False)
class TooLittleToAdapt(TurkicError, ValueError):
    """Raw text too short to adapt an encoder to its language and to hold some of it out."""

    code = "T519"
    message = (
        "{lines} different lines of two words or more are too few to adapt an encoder to: {least} at least."
    )

    lines: int
    least: int


@dataclass(eq=False)
class FixedVocabulary(TurkicError, ValueError):
    """New pieces for a vocabulary of another algorithm than unigram, which has no scores to put them among."""

    code = "T520"
    message = (
        "A {kind} vocabulary takes no new pieces, only a unigram one, as of XLM-R. Leave out --new-pieces."
    )

    kind: str


@dataclass(eq=False)
class NothingNew(TurkicError, ValueError):
    """A text all of whose pieces the vocabulary has already."""

    code = "T521"
    message = "The vocabulary lacks no piece of this text. Leave out --new-pieces, or give more text."


@dataclass(eq=False)
class EncoderNotFound(TurkicError, FileNotFoundError):
    """An encoder that is no folder, and that the hub does not give; or whose files are not to be read."""

    code = "T518"
    message = (
        "No encoder {name!r} could be read ({reason}). Give a folder that train, adapt or pretrain wrote, or a Hugging "
        "Face name or folder; without network, one that was fetched before."
    )

    name: str
    reason: str


@dataclass(eq=False)
class UnknownTarget(TurkicError, ValueError):
    """A language that the table of languages for choosing a source does not have."""

    code = "T530"
    message = "No sources can be ranked for the language {lang!r}: nothing is known of it. Known: {known}."

    lang: str
    known: str


@dataclass(eq=False)
class UnrankedTask(TurkicError, ValueError):
    """A task whose transfer was not measured with this encoder, so that nothing can be said about its sources."""

    code = "T531"
    message = "No transfer of the task {task!r} was measured with the encoder {encoder!r}. Measured: {known}."

    task: str
    encoder: str
    known: str


@dataclass(eq=False)
class NoSource(TurkicError, ValueError):
    """The catalog has no corpus of another language for the task."""

    code = "T532"
    message = "No corpus to learn {task!r} for {target!r} from: see `turkic-nlp corpora list`."

    target: str
    task: str


@dataclass(eq=False)
class NoTargetText(TurkicError, ValueError):
    """The catalog has no text of the target language to compare the sources with."""

    code = "T533"
    message = "The catalog has no text of {lang!r}. Give a file with some of it: --text FILE."

    lang: str


@dataclass(eq=False)
class BadAlignment(TurkicError, ValueError):
    """A setting of an alignment or a diagnosis that makes no sense."""

    code = "T540"
    message = "{key} = {met!r} will not do. Expected {expected}."

    key: str
    met: str
    expected: str


@dataclass(eq=False)
class BadBitext(TurkicError, ValueError):
    """A file of translations that cannot be read: no tab in a line, one side longer than the other."""

    code = "T541"
    message = "{path}:{line}: {reason}. Expected {expected}."

    path: str
    line: int
    reason: str
    expected: str


@dataclass(eq=False)
class EmptyBitext(TurkicError, ValueError):
    """No pair of sentences is left to align by."""

    code = "T542"
    message = (
        "No pair is left of {files}: {held_out} repeat evaluation sets, {repeated} are repeated, {unfit} too short, "
        "too long or not translated. Give more data, or look at --held-out."
    )

    files: str
    held_out: int
    repeated: int
    unfit: int


@dataclass(eq=False)
class NothingToAlign(TurkicError, ValueError):
    """Two spellings that the encoder reads alike, so that a loss between them would teach nothing."""

    code = "T543"
    message = (
        "{pair}: the encoder reads only {differ} of {total} sentences otherwise in that alphabet, because its "
        "orthography is {orthography!r}. Choose another alphabet (plain is one), or an encoder of another orthography."
    )

    pair: str
    differ: int
    total: int
    orthography: str


@dataclass(eq=False)
class TooFewPairs(TurkicError, ValueError):
    """Too few pairs, or texts with gold, to measure anything."""

    code = "T544"
    message = "{found} {what} are too few to measure on: {least} at least. Give more with {option}."

    found: int
    what: str
    least: int
    option: str


@dataclass(eq=False)
class NoTaskHead(TurkicError, ValueError):
    """A model without the component whose gradients were asked for."""

    code = "T545"
    message = "{path} has no component {name!r} (it has: {known}). Name one of these, or another model."

    path: str
    name: str
    known: str


# --- T6xx: files, command line, environment ---------------------------------------------------


@dataclass(eq=False)
class BadWordList(TurkicError, ValueError):
    """A list of words for the lemmatizer that cannot be read."""

    code = "T507"
    message = (
        "{path} is no list of words ({reason}). Expected lines of language<TAB>word, as pretrain writes."
    )

    path: str
    reason: str


@dataclass(eq=False)
class OutputExists(TurkicError, FileExistsError):
    """The output is there already and nobody said that it may be replaced."""

    code = "T601"
    message = "{path} exists already. Give another name, or --force to replace it."

    path: str


@dataclass(eq=False)
class OutputBusy(TurkicError):
    """Another run is writing the same output."""

    code = "T602"
    message = "Another run is writing {path}. Wait for its end, or give another name."

    path: str


@dataclass(eq=False)
class OutputFailed(TurkicError, OSError):
    """The system refused to write: a full disk, a read-only folder, a file where a folder should be."""

    code = "T603"
    message = (
        "Cannot write {path}: {reason}. Make room there or choose another place, then repeat the command."
    )

    path: str
    reason: str


@dataclass(eq=False)
class BadJsonLine(TurkicError, ValueError):
    """A line of a .jsonl file without an object that has a string `text`."""

    code = "T604"
    message = '{path}:{line}: {reason}. Expected one object a line, like {{"id": "1", "text": "..."}}.'

    path: str
    line: int
    reason: str


@dataclass(eq=False)
class LineTooLong(TurkicError, ValueError):
    """A line that would not fit the memory that one document may take."""

    code = "T605"
    message = (
        "{path}:{line}: more than {limit} bytes in one line. "
        "Put each document or paragraph on a line of its own."
    )

    path: str
    line: int
    limit: int


@dataclass(eq=False)
class NoInput(TurkicError, FileNotFoundError):
    """A folder without a single file that can be read."""

    code = "T606"
    message = "No {known} file in {path}. Name the files themselves if their names end otherwise."

    path: str
    known: str


@dataclass(eq=False)
class OtherRun(TurkicError):
    """An unfinished output that was begun with other settings or another input."""

    code = "T607"
    message = (
        "{path} holds an unfinished run with another {what}. "
        "Repeat that run to finish it, or --force to start anew."
    )

    path: str
    what: str


@dataclass(eq=False)
class DocumentFailed(TurkicError):
    """A document that the pipeline, or the writer of the format, could not take."""

    code = "T608"
    message = "{name}: {reason}. Correct the document, or leave such documents out with --on-error skip."

    name: str
    reason: str


@dataclass(eq=False)
class OtherLanguage(TurkicError):
    """A document in a language that the model does not annotate, met under --lang auto."""

    code = "T609"
    message = (
        "{name}: left out, its language looks like {lang!r}. Name the language with --lang if that is wrong."
    )

    name: str
    lang: str


@dataclass(eq=False)
class Interrupted(TurkicError):
    """The user stopped the run; what was finished is kept."""

    code = "T610"
    message = "Stopped after {documents} documents. {next_step}."

    documents: int
    next_step: str


@dataclass(eq=False)
class BadOption(TurkicError, ValueError):
    """A command line option, or two of them together, that make no sense."""

    code = "T611"
    message = "{option}: {met!r} will not do. Expected {expected}."

    option: str
    met: str
    expected: str


@dataclass(eq=False)
class NoDevice(TurkicError):
    """A device that this machine, or this build of torch, does not have."""

    code = "T612"
    message = "No device {device!r} here. Use --device cpu, or auto to take what there is."

    device: str


@dataclass(eq=False)
class BadGold(TurkicError, ValueError):
    """A gold file that cannot be learned from or scored: the wrong columns, labels or trees."""

    code = "T613"
    message = "{path}: {reason}. Expected {expected}."

    path: str
    reason: str
    expected: str


@dataclass(eq=False)
class NothingToScore(TurkicError, ValueError):
    """The pipeline has no component for the task of the gold file."""

    code = "T614"
    message = (
        "The pipeline has no component {component!r} to score (it has: {known}). Choose another --model."
    )

    component: str
    known: str


@dataclass(eq=False)
class ClusterFailed(TurkicError):
    """Ray cannot be reached, or its workers die again and again."""

    code = "T615"
    message = "Ray: {reason}. What is finished is kept: the same command goes on from there."

    reason: str


@dataclass(eq=False)
class BrokenRun(TurkicError):
    """An unfinished output whose files were damaged or changed from outside."""

    code = "T616"
    message = "{path} holds an unfinished run that nothing can go on with: {reason}. Begin anew with --force."

    path: str
    reason: str


@dataclass(eq=False)
class WorkerDied(TurkicError):
    """A worker process ended without a word, as it does when the system runs out of memory."""

    code = "T617"
    message = (
        "A worker process died, perhaps for want of memory. Try fewer with --n-process, or a smaller --batch-size; "
        "what is finished is kept."
    )
