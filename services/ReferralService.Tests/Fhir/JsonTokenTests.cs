using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using ReferralService.Fhir.Errors;
using ReferralService.Fhir.Json;
using ReferralService.Fhir.Resources;

namespace ReferralService.Tests.Fhir;

/// <summary>A reader over tokens found before says at every step what the tokenizer itself would.</summary>
[CancelAfter(120_000)]
public sealed class JsonTokenTests
{
    [Test]
    public void Every_step_is_the_tokenizers()
        => Check(JsonGenerators.Resource, json =>
        {
            byte[] bytes = Encoding.UTF8.GetBytes(json);
            using var tokens = JsonTokens.Of(bytes);
            SameSteps(bytes, tokens.Over(bytes));
            return true;
        });

    [Test]
    public void Every_skip_lands_where_the_tokenizers_does()
        => Check(from json in JsonGenerators.Resource from seed in Gen.Choose(0, int.MaxValue) select (json, seed), t =>
        {
            byte[] bytes = Encoding.UTF8.GetBytes(t.json);
            using var tokens = JsonTokens.Of(bytes);
            var expected = new Utf8JsonReader(bytes);
            var reader = tokens.Over(bytes);
            for (uint which = (uint)t.seed; expected.Read(); which = (which * 1664525) + 1013904223)
            {
                Assert.That(reader.Read(), Is.True);
                if (which >> 31 == 0) continue;
                var whole = reader.WholeValue.ToArray();
                bool named = reader.TokenType == JsonTokenType.PropertyName;
                long from = reader.TokenStartIndex;
                expected.Skip();
                reader.Skip();
                Same(in expected, in reader);
                if (!named) Assert.That(whole, Is.EqualTo(bytes[(int)from..(int)expected.BytesConsumed]));
            }

            Assert.That(reader.Read(), Is.False);
            return true;
        });

    [Test]
    public void A_resource_read_alone_has_the_tokens_of_its_own_bytes()
        => Check(JsonGenerators.Resource, json =>
        {
            using var tokens = new JsonTokens();
            var resource = RawResource.Read(Sample.Utf8($" \n{json}  "), tokens);
            SameSteps(resource.Utf8.Span, resource.Reader());
            return true;
        });

    [Test]
    public void A_resource_of_a_page_has_the_tokens_of_its_own_bytes_in_whatever_pieces_the_page_came()
        => Check(from page in JsonGenerators.Page from piece in Gen.Choose(1, 200) select (page.Page, page.Resources, piece), t =>
        {
            int seen = 0;
            SearchPageReaderTests.ReadWith(t.Page, t.piece, entry =>
            {
                SameSteps(entry.Resource.Utf8.Span, entry.Resource.Reader());
                seen++;
            }).GetAwaiter().GetResult();
            return seen == t.Resources.Length;
        });

    [Test]
    public void Damaged_JSON_is_refused_where_the_tokenizer_refuses_it()
        => Check(JsonGenerators.Damaged(JsonGenerators.Resource), bytes =>
        {
            bool refused = false, expected = false;
            using var tokens = new JsonTokens();
            try
            {
                tokens.Fill(bytes);
            }
            catch (JsonException)
            {
                refused = true;
            }

            try
            {
                var reader = new Utf8JsonReader(bytes, new JsonReaderOptions { MaxDepth = 192 });
                while (reader.Read())
                {
                }
            }
            catch (JsonException)
            {
                expected = true;
            }

            return refused == expected;
        });

    [Test]
    public void A_copy_marks_a_place()
    {
        byte[] json = """{"a":[1,2],"b":3}"""u8.ToArray();
        using var tokens = JsonTokens.Of(json);
        var reader = tokens.Over(json);
        reader.Read();
        reader.Read();
        var place = reader;
        reader.Skip();
        reader.Read();

        Assert.That((reader.GetString(), place.GetString()), Is.EqualTo(("b", "a")));
    }

    [Test]
    public void Tokens_filled_anew_are_those_of_the_other_body()
    {
        byte[] one = """{"a":[1,{"b":"c"}]}"""u8.ToArray(), other = """{"d":"e"}"""u8.ToArray();
        using var tokens = JsonTokens.Of(one);
        tokens.Fill(other);

        SameSteps(other, tokens.Over(other));
        Assert.Catch<InvalidOperationException>(() => tokens.Over(one));
    }

    [Test]
    public void Tokens_given_back_are_no_bodys()
    {
        byte[] json = "{}"u8.ToArray();
        var tokens = JsonTokens.Of(json);
        tokens.Dispose();

        Assert.Catch<InvalidOperationException>(() => tokens.Over(json));
    }

    [Test]
    public void Tokens_of_what_was_refused_are_no_bodys()
    {
        using var tokens = new JsonTokens();
        var cut = Sample.Utf8("""{"resourceType":"Patient","id":"1" """);
        Assert.Catch<FhirFormatException>(() => RawResource.Read(cut, tokens));

        Assert.Catch<InvalidOperationException>(() => tokens.Over(cut.Span));
    }

    private static void SameSteps(ReadOnlySpan<byte> json, TokenReader reader)
    {
        var expected = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 192 });
        Same(in expected, in reader);
        while (expected.Read())
        {
            Assert.That(reader.Read(), Is.True);
            Same(in expected, in reader);
        }

        Assert.That(reader.Read(), Is.False);
        Assert.That(reader.TokenType, Is.EqualTo(expected.TokenType));
    }

    private static void Same(ref readonly Utf8JsonReader expected, ref readonly TokenReader reader)
    {
        Assert.That(
            (reader.TokenType, reader.CurrentDepth, reader.TokenStartIndex, reader.BytesConsumed, reader.ValueIsEscaped),
            Is.EqualTo((expected.TokenType, expected.CurrentDepth, expected.TokenStartIndex, expected.BytesConsumed, expected.ValueIsEscaped)));
        Assert.That(reader.ValueSpan.ToArray(), Is.EqualTo(expected.ValueSpan.ToArray()));
        switch (expected.TokenType)
        {
            case JsonTokenType.String or JsonTokenType.PropertyName:
                string? text = expected.GetString();
                byte[] utf8 = Encoding.UTF8.GetBytes(text!), copied = new byte[reader.ValueSpan.Length];
                Assert.That(reader.GetString(), Is.EqualTo(text));
                Assert.That(copied[..reader.CopyString(copied)], Is.EqualTo(utf8));
                Assert.That(reader.ValueTextEquals(utf8) && reader.ValueTextEquals(text.AsSpan()), Is.True);
                Assert.That(reader.ValueTextEquals([.. utf8, (byte)'x']) || reader.ValueTextEquals(text + "x"), Is.False);
                break;
            case JsonTokenType.Number:
                Assert.That((reader.TryGetInt32(out int i), i), Is.EqualTo((expected.TryGetInt32(out int j), j)));
                Assert.That((reader.TryGetInt64(out long l), l), Is.EqualTo((expected.TryGetInt64(out long m), m)));
                Assert.That((reader.TryGetDecimal(out decimal d), d), Is.EqualTo((expected.TryGetDecimal(out decimal e), e)));
                break;
            case JsonTokenType.True or JsonTokenType.False:
                Assert.That(reader.GetBoolean(), Is.EqualTo(expected.GetBoolean()));
                break;
            case JsonTokenType.Null:
                Assert.That(reader.GetString(), Is.Null);
                break;
            default:
                Refuses(in reader);
                break;
        }
    }

    /// <summary>Asked for what the token is not, it refuses as the tokenizer does.</summary>
    private static void Refuses(ref readonly TokenReader reader)
    {
        try
        {
            reader.GetString();
        }
        catch (InvalidOperationException)
        {
            return;
        }

        Assert.Fail("A text was read where none is.");
    }

    private static void Check<T>(Gen<T> cases, Func<T, bool> holds) => Prop.ForAll(cases.ToArbitrary(), holds).Check(Config.QuickThrowOnFailure.WithMaxTest(400));
}
