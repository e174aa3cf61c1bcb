import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from articles.links.encoder import (
    E5Encoder,
    KnownSentences,
    UseEncoder,
    cosines,
    default_encoders,
    encoder_for,
    quantise,
)

vectors = arrays.arrays(np.float32, st.tuples(st.integers(1, 6), st.just(16)), elements=st.floats(-1, 1, width=32))


@given(vectors, vectors)
def test_quantising_to_eight_bits_hardly_changes_cosines(a, b):
    a, b = (side + np.float32(0.01) for side in (a, b))
    norms = np.outer(np.linalg.norm(a, axis=1), np.linalg.norm(b, axis=1))
    if norms.min() < 1e-3:
        return
    assert np.abs(cosines(quantise(a), quantise(b)) - np.clip(a @ b.T / norms, 0, 1)).max() < 0.03


@given(vectors, vectors, st.randoms(use_true_random=False))
def test_a_cosine_does_not_depend_on_other_sentences(a, b, rng):
    a, b = quantise(a), quantise(b)
    whole = cosines(a, b)
    i, j = rng.randrange(len(a)), rng.randrange(len(b))
    assert cosines(a[[i]], b[[j]])[0, 0] == whole[i, j]


def test_zero_vectors_have_no_likeness():
    assert not cosines(quantise(np.zeros((2, 8), np.float32)), quantise(np.ones((1, 8), np.float32))).any()


@pytest.mark.parametrize(("encoder", "dimensions"), [(UseEncoder(), 512), (E5Encoder(), 384)])
def test_the_real_encoders_give_a_text_the_same_vectors_again(encoder, dimensions):
    text = ["Жители деревень внизу боятся, что шум отпугнёт их гостей.", "Половину денег должен дать банк."]
    first = encoder.encode(text, "ru")
    assert (first.dtype, first.shape) == (np.int8, (2, dimensions))
    assert first.tobytes() == encoder.encode(text, "ru").tobytes()
    assert encoder.encode([], "ru").shape == (0, dimensions)


@pytest.mark.parametrize(
    ("langs", "chosen"),
    [(("en", "ru"), UseEncoder), (("kk", "ru"), E5Encoder), (("uk", "ru"), E5Encoder), (("kk", "kk"), E5Encoder)],
)
def test_the_first_encoder_that_knows_both_languages_is_chosen(langs, chosen):
    assert isinstance(encoder_for(default_encoders(), *langs), chosen)


def test_no_encoder_knows_every_language():
    assert encoder_for(default_encoders(), "kk", "ar") is None
    assert encoder_for((), "en", "ru") is None


TRANSLATED = {
    "kk": ["Ертіс өзеніндегі жаңа көпірдің құрылысы келесі жылдың көктемінде басталады.", "Дүйсенбіде орталық банк азық-түлік бағасы жылдамырақ өсетінін ескертті."],
    "uz": ["Irtish daryosi ustidagi yangi koʻprik qurilishi kelasi yil bahorda boshlanadi.", "Markaziy bank dushanba kuni oziq-ovqat narxi tezroq oshishidan ogohlantirdi."],
    "uk": ["Будівництво нового мосту через Іртиш почнеться навесні наступного року.", "У понеділок центральний банк попередив, що ціни на продукти зростатимуть швидше."],
}  # fmt: skip


@pytest.mark.parametrize("lang", TRANSLATED)
def test_sentences_of_the_same_meaning_are_close_and_others_far_once_centred(lang):
    encoder = encoder_for(default_encoders(), lang, "en")
    english = [
        "The construction of a new bridge over the Irtysh will start next spring.",
        "The central bank warned on Monday that food prices would rise faster.",
    ]
    found = cosines(encoder.encode(english, "en"), encoder.encode(TRANSLATED[lang], lang))
    assert found.diagonal().min() > encoder.min_likeness
    assert max(found[0, 1], found[1, 0]) < encoder.min_likeness - 0.1


def test_a_sentence_of_any_length_costs_little():
    encoder = E5Encoder()
    started = time.process_time()
    long, longer = (encoder.encode(["көпір" * number], "kk") for number in (400, 40_000))
    assert time.process_time() - started < 10  # seconds
    assert long.tobytes() == longer.tobytes()


def test_the_vector_of_a_sentence_does_not_depend_on_those_encoded_with_it():
    text = [f"{'Көлдегі балық неге қырылғанын ғалымдар айтты. ' * count}Саны {count}." for count in range(1, 7)]
    encoder = E5Encoder()
    together = encoder.encode(text, "kk")
    for size in (1, 4):
        parts = [encoder.encode(text[start : start + size], "kk") for start in range(0, len(text), size)]
        assert np.array_equal(np.concatenate(parts), together)
    assert np.array_equal(encoder.encode(text[::-1], "kk")[::-1], together)


def test_a_known_sentence_is_encoded_once_in_a_language(monkeypatch):
    asked = []

    class Asked(E5Encoder):
        def encode(self, sentences, lang):
            asked.append((lang, *sentences))
            return quantise(np.array([[len(sentence), 1] for sentence in sentences], np.float32).reshape(-1, 2))

    known, encoder = KnownSentences(), Asked()
    first = known.encode(encoder, ["one", "three", "one"], "kk")
    assert np.array_equal(first, known.encode(encoder, ["one", "three", "one"], "kk"))
    assert np.array_equal(known.encode(encoder, ["fifteen", "three"], "kk")[1], first[1])
    known.encode(encoder, ["three"], "ru")
    assert [part for part in asked if len(part) > 1] == [("kk", "one", "three"), ("kk", "fifteen"), ("ru", "three")]
    monkeypatch.setattr("articles.links.encoder.MAX_KNOWN_SENTENCES", 3)
    known.encode(encoder, ["one"], "kk")
    assert asked[-1] == ("kk", "one")
