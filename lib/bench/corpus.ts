/**
 * What the people of a benched conversation are called, where they meet and
 * what they say: lines written for this purpose, of the lengths that chat has.
 *
 * @module
 */

/** First names, short as nicknames are. */
export const NAMES: readonly string[] = (
  "alice bob carol dave erin frank grace heidi ivan judy kenji lena marek " +
  "nadia omar petra quinn rosa sven tuulia ugo vera wanda xenia yusuf zoe " +
  "anton bea chidi dana elif finn greta hugo ines jonas katya liam mina noor"
).split(" ");

/** Rooms besides the lobby. */
export const ROOMS: readonly string[] = [
  "tech-talk",
  "lunch",
  "weekend trip",
  "music",
  "release-2",
  "off topic",
];

/** What people say: one line a message. */
export const LINES: readonly string[] = String.raw`
hi
hey all
morning!
good morning everyone
hello from the train, the signal comes and goes
anyone here?
yes
yep
no
nope
ok
okay
k
sure
lol
haha
hahaha
ha, right
same
same here
true
fair
fair enough
good point
thanks!
thank you so much
thx
np
no worries
you're welcome
brb
back
back again
afk for ten minutes, the doorbell
one sec
give me five minutes
wait
what?
why?
how come?
when?
who's that?
where are you?
almost there
on my way
running late, sorry
I'm stuck in traffic near the bridge
no rush
take your time
see you there
see you tomorrow
cu
bye!
good night :)
sleep well
:)
:D
;)
^^
👍
😂
🎉🎉🎉
❤️
🙏 thank you
😅 my bad
sounds good
sounds great to me
works for me
deal
perfect
nice!
nice one
very nice
wow
oh no
oh wow, I didn't expect that
really?
seriously?
are you sure?
pretty sure
not sure
I think so
I don't think so
maybe
maybe later
probably not today
let me check
checking
found it
nothing there
did anybody try turning it off and on again?
works on my machine
it works now, no idea why
it broke again
what did you change?
nothing! I swear
the usual
classic
that's what I said yesterday
I told you so
you did, you did
who's in for lunch?
I'm in
me too
me three
count me in
can't today, dentist at one
pizza or noodles?
noodles, we had pizza twice this week
pizza is never wrong
the place on the corner has a new menu, and the soup is actually good
is it still cash only?
they take cards since last month
how about 12:30?
12:30 is fine
can we make it a bit later? I have a call until a quarter to one
quarter to one then, I'll book a table for six
table for six is booked, under my name
bring an umbrella, it looks like rain
it's pouring outside
sunny here, 24 degrees
I forgot my keys again
your keys are on my desk
you're a hero
can somebody let me in? the badge reader is dead
coming down
door's open
thanks, owe you a coffee
coffee machine is broken, this is not a drill
again?!
third time this month
I brought tea
tea is just hot sadness
blasphemy
fight me
who finished the milk
not me
there's oat milk in the fridge on the second floor
are we still on for Saturday?
yes, train leaves at 8:52 from platform 7
that's early for a Saturday
you can sleep on the train
I've got the tickets, everybody owes me 18.40
sent
paid you back just now
did you get my transfer?
got it, thanks
who brings what? I can do the salad and some bread
I'll bring the cake
chocolate or lemon?
both, obviously
don't forget plates, last time we ate off the lids
bring good shoes, the last bit of the path is steep and probably muddy
how long is the walk?
about three hours with breaks, and there's a hut halfway where we can eat
is there a shortcut for lazy people?
there's a cable car
sold
what if it rains?
then we go to the museum and pretend that was the plan
my sister might come along, is that ok?
of course, the more the merrier
does she eat meat?
vegetarian since last year
no problem, there's plenty without
I'll draw up a list and share it tonight so that we don't end up with five salads
happy birthday!!
happy birthday 🎂 have a great day
thank you all, you're the best
how old are you now?
old enough
29 again
the build is red
red since when?
since the merge at ten
looking
it's the date test, it fails every first of the month
we should really fix that instead of rerunning it
I have a branch for that somewhere
can someone review my pull request? it's small, 40 lines and most of it is tests
on it
left two comments, otherwise looks good
fixed both, please look again
approved
merged
deploying now
deploy is done
who broke staging?
define broke
I get a 502 on every second request
that's the old instance, it's being drained
ok it's gone now
is the database slow for anyone else?
it's fine here, 3 ms
here it takes seconds
ah, I was on the VPN through the other continent
that'll do it
the log says "connection reset by peer" about a thousand times a minute
which host?
the second one, the other is quiet
restart it?
let me take a dump first so that we can find out what it was
done, you can restart
restarted, looks healthy
memory goes up again, slowly
so there's a leak
it's the cache, nothing ever evicts anything
who writes a cache without a limit
me, two years ago, I'm sorry
git blame is a cruel tool
I put a limit of 10,000 entries on it and the graph is flat now
can you paste the config?
host = "0.0.0.0"; port = 5555; tls = true
you need the certificate path too
/etc/ssl/chat.pem
permissions?
0600, owned by root, and the service runs as nobody. there we go
rookie mistake
happens to the best
does anybody remember the command to list open ports?
ss -ltnp
thanks, I always forget the letters
I just alias it
what does this regex do? ^(?:[a-z0-9-]+\.)+[a-z]{2,}$
host names, roughly
very roughly
it doesn't know about umlauts
nobody knows about umlauts
hey, I live there
tabs or spaces?
don't start
the formatter decides, that's the whole point of having one
I wrote it in one evening and it has been running for eleven years
nothing is as permanent as a quick fix
we could rewrite it
we could also not
what would we gain?
half the memory and a third of the code, and somebody other than me would understand it
ok that's a good argument
let's talk about it on Thursday
Thursday is a holiday
Friday then
Friday I'm off
Monday?
Monday at ten, I'll send the invite
accepted
can you make it 10:30? standup
moved
how do I get the numbers for the report?
there's a query in the wiki, you only have to change the dates
which page?
search for "monthly", it's the second hit
the wiki search never finds anything
bookmark it this time
the numbers look too good
they always do until you look at the units
kbit or kbyte?
exactly
so we're eight times slower than the slides say
or eight times faster, depending on who asks
I'd rather show the real figure and say how it was measured
agreed
can we send the slides out today?
I need another hour for the last two charts
no colours that look the same in grey please, someone always prints it
good idea, I'll use patterns
did you see the game last night?
no spoilers!
I only saw the second half
what a goal though
the referee was blind
the referee is always blind when you lose
we didn't lose, we drew
feels like losing
next week is the one that counts
I have two tickets if anyone wants to come
me!!
too slow, sorry
have you read the new one by her?
halfway through, don't tell me anything
the beginning is slow but then you can't put it down, I read until three in the morning
that explains your face
rude
but true
what are you listening to?
the new album, track four on repeat
link?
sent you one
not available in your country, great
try the other one
ok this is good
told you
the drummer is unreal
they play here in November
are there still tickets?
standing only, 42 each
get two for me please
done, you owe me 84 plus fees, which are of course outrageous
my cat just walked over the keyboard
hi cat
what did it write?
jjjjjjjjjjjjjjkkkkkk;
better than my code
pics or it didn't happen
she's asleep now, on the warm laptop
cats know what computers are for
my neighbour is drilling again
on a Sunday?
every Sunday
buy him a hammer, then at least it's rhythmic
moving day is the 28th, can I borrow your van?
sure, but the second gear needs persuasion
I remember
who can carry boxes? there's pizza and eternal gratitude
I can, but not the washing machine again
we have a trolley this time
then yes
kids are in bed finally
how many stories?
four, and a glass of water, and another glass of water
respect
is school open tomorrow?
closed, teachers' day
oh yes, says the child
can you pick her up at four?
thank you, you're saving my week
doctor says it's nothing serious, just rest
glad to hear that
get well soon!
take it easy and don't read your mail
too late
what's the wifi password?
it's on the fridge
it's 24 characters long and half of them look like an O
that's security
that's cruelty
did you lock the door?
yes. I think. now I'm not sure
I'll check on my way
it was open
oops
how do you say that in Spanish?
¿cómo se dice?
hasta luego amigos
mañana a las nueve, ¿vale?
vale, nos vemos
bis morgen!
kommst du heute noch vorbei?
ja, so gegen acht, ich bringe die Unterlagen mit
schöne Grüße an alle
à demain
merci beaucoup, c'était très gentil
on se retrouve devant la gare à midi ?
grazie mille
va bene, ci sentiamo dopo
obrigado, até logo
dziękuję bardzo
děkuji, uvidíme se zítra
привет всем
да, конечно
спасибо, до завтра!
завтра в семь у метро, не опаздывайте
καλημέρα
γεια σας παιδιά
teşekkürler
おはよう
了解です
ありがとうございます、助かりました
明日は何時に集まりますか？
你好
好的，没问题
周末一起去爬山吗？
감사합니다
שלום
شكرا جزيلا
धन्यवाद
tack så mycket
kiitos, nähdään huomenna
what language was that last one?
no idea, but it sounded friendly
new phone, who dis
autocorrect is my enema
enemy!!
this stays in the history forever
delete it delete it
screenshotted
why do meetings about saving time take two hours?
because nobody had time to prepare
this could have been a message
this is a message
true, I withdraw the complaint
is anyone else's screen flickering?
loose cable?
it was the cable
it's always the cable
or DNS
it was DNS twice this year
I changed the record an hour ago and half of the world still sees the old address
what's the time to live?
a day
lower it next time before you change anything
lesson learned
has the parcel arrived?
it says delivered, but there's nothing at the door
ask the neighbour on the third floor, he takes everything
he has it! and two more from last week
what's for dinner?
leftovers
again leftovers
there's curry from Tuesday
is it still alive?
it has character
I'm ordering
get me the number 23, not too spicy
how spicy is not too spicy?
I want to feel my face afterwards
noted
40 minutes they say, which means an hour and ten
I can hear my stomach
does anyone have a charger for an old laptop, the round plug?
drawer under the printer, there's a whole museum in there
found three, none fits
the long one with the green dot
green dot fits!
can everybody please update before six, the old version stops talking to the server tonight
done
done too
how do I see which version I have?
chatp --version
says 0.1.0
that's the right one
how many people are in the other room?
three, I think
come over, we're talking about the trip
in a minute
join us in the other room, it's less noisy there
this room is quiet today
everyone's on holiday
except us
except us, the brave and the badly organised
I could use some sea right now
two weeks to go
lucky you
where are you going?
north, to the islands, with a tent and far too many books
send a postcard
an actual postcard?
with a stamp and everything
remind me when the form is due
the 15th, and they mean the 15th
I've already asked twice for an extension so I should probably just sit down and finish it
you got this
just start, the rest comes by itself
I have started. I have written the title
a good title is half the work
it's 'Untitled 3'
does the last bus still go at midnight?
00:12 and then nothing until five
then I'll leave at quarter to
stay over if you like, the sofa is free
thanks, might do that
I'm at the shop, anything missing?
milk, eggs, and something green
define green
spinach. or lime sweets
lime sweets it is
so to sum up: we meet at nine at the station, I bring the tickets, you two bring the food, and whoever is late buys the coffee for everyone
summary confirmed
I disagree with the coffee part
because you're always late
the documentation says one thing, the code another, and the tests a third, so which of them do we believe?
the one that customers see
in that case we have a fourth version
sorry for the wall of text, but this came up three times now: please don't restart the server by hand without telling the others, because the people who are looking into the memory problem lose the state they need each time
understood, sorry, that was me
no harm done
could you write that down somewhere?
I'll put it in the channel's topic
thank you for today, that was fun
it was
same time next week?
same time, same place
I'll be there
me too, unless the trains are on strike again
they announced it already, Wednesday and Thursday
of course they did
ok I have to go
go go go
talk later
later!
one more thing
yes?
forgot what it was
it'll come back
it was about the keys!
which keys
never mind, found them
😂😂
I needed that today
hugs
hugs back
I looked at the graphs from last week and the peak is always on Tuesday around eleven
that's when the reports go out to all the regional offices at the same time
couldn't we spread them over the morning, ten minutes apart or so?
we could, but then somebody has to explain to the north why the south gets theirs first
if you draw lots every week nobody can complain, and everybody will anyway
I moved the meeting to the small room because the projector in the big one only shows green
can you bring the adapter with the short cable, the long one has a loose contact
the new intern asked why we keep two copies of the same table and nobody had a good answer
the honest answer is that each of us thought the other one was the backup
let's write the answer down this time, even if it's embarrassing
I've tried it with the old version, the new version and the one from the branch, same result everywhere
then it's probably not the code, did you look at the time on that machine?
it's four minutes ahead, so every token we issue is from the future as far as the other side is concerned
there you have it, and the service that should set the clock has been off since the move
switched it on again and will look after lunch whether it stays on
while you're at it, could you have a look at the disk? it was at 91 percent yesterday
most of that is old logs, we keep them for a year although the policy says ninety days
I'd delete them today but the policy also says that two people have to agree
I agree, so that's two, please go ahead and tell me how much it freed
38 gigabytes, we're back at 54 percent and the nightly job is twice as fast
we should have done that in spring
is there a way to see who was in the room when the message was sent?
not in this version, you only see who is there now
my parents are visiting next month and want to see something other than museums, any ideas?
the boat to the old lighthouse takes two hours and there's a really good fish place next to it
or the gardens, in May they're wonderful and there are benches everywhere for tired feet
the gardens sound right, thank you, my father will photograph every single tulip
mine did that with trains, we have eleven albums of locomotives at home
I finally fixed the bike, it was the inner tube after all and not the valve
then we could ride to the lake on Sunday if the wind isn't as bad as last time
last time I pedalled downhill and still stood still, but yes, let's try
bring a second layer, it gets cold quickly once the sun is behind the hill
I tried your recipe and it was great, but I think the oven runs hotter than yours does
twenty degrees less and five minutes more, that's what I do when I use my mother's oven
good to know, the edges were closer to charcoal than to cake
people ate it anyway, so it can't have been that bad
does somebody have the phone number of the plumber who came in January?
I'll look it up, he was quick and he didn't invent any extra problems
a plumber who doesn't invent problems, keep that number safe
the choir sings on the 12th at seven in the old church, entrance is free but come early
I'll come if I can sit near the back and leave when my babysitter calls
the seats at the back are the best ones anyway, you hear the basses properly
I think the test is right and the code is wrong, but it has been wrong for so long that others rely on it
then we write down that it's wrong, keep it, and do it properly under a new name
please don't call it "new", in three years it will be the old one as well
what did we call the last one?
"new2"
of course we did
I read the whole thread again and I believe we all want the same and just use different words for it
that's usually the case after the first hundred messages
could somebody who understands the tax part read the second paragraph, I'm afraid it promises too much
read it, I'd replace "always" by "usually" and take out the last sentence altogether
changed both, it reads much better now, thank you
there are still three open points on the list: the door code, the speakers and who takes the dog
the dog comes along, he loves it there and he's better behaved than most of us
speakers are in my car since the last party, so that one is solved too
then it's only the door code, and I'll get that from the landlord on Thursday when I pick up the keys
it's a bit far to walk with all the bags, can anybody take the heavy things by car?
I can do two trips if somebody helps me to unload, the boot is small but the back seats fold down
I'll help, just ring when you're ten minutes away so that I can get my shoes on
she said that she'd rather decide it next week when everyone is back and has had a look at the offer
that's fine with me as long as we decide it then and don't put it off for another month
I'm putting it on the agenda as the first point so that nobody can run out of time before it
`.trim().split("\n");
